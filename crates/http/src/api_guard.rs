//! Who may call the API (contract.md §2): the host it is called by, the page that calls, the token.

use std::sync::Arc;

use actix_web::HttpRequest;
use actix_web::body::{EitherBody, MessageBody};
use actix_web::dev::{ServiceRequest, ServiceResponse};
use actix_web::http::{Method, StatusCode};
use actix_web::middleware::Next;
use actix_web::web::Data;
use shipstack_settings::{ApiSettings, Network, Origin};
use shipstack_types::Code;

use crate::token::TokenDigest;
use crate::{Authority, Host, Problem, origin, request_authority};

/// The only paths that need no token: they say whether the process is up, and nothing else.
const WITHOUT_TOKEN: [&str; 2] = ["/livez", "/health"];

/// The rules, ready to be asked. Goes into the app's data: `app_data(Data::from(guard))`.
#[derive(Debug)]
pub struct ApiGuard {
    token: Option<TokenDigest>,
    public_host: Option<Host>,
    origins: Vec<String>,
    trusted_proxies: Vec<Network>,
}

impl ApiGuard {
    /// The rules that the operator's settings ask for.
    pub fn new(settings: &ApiSettings) -> Arc<Self> {
        let public = settings.public_url.as_ref();
        let public_host =
            public.and_then(|url| url.host_str()).and_then(|host| host.parse::<Authority>().ok());
        let own_page = public.map(|url| url.origin().ascii_serialization());
        let listed = settings.cors_origins.iter().map(Origin::as_str).map(ToOwned::to_owned);
        Arc::new(Self {
            token: settings.token.as_ref().map(TokenDigest::of),
            public_host: public_host.map(|authority| authority.host),
            origins: listed.chain(own_page).collect(),
            trusted_proxies: settings.trusted_proxies.to_vec(),
        })
    }

    /// Whether this request may go on to a handler.
    pub fn check(&self, request: &HttpRequest) -> Result<(), Problem> {
        let host = request_authority(request, &self.trusted_proxies).map_err(|why| {
            Problem::new(Code::HostNotAllowed)
                .with_status(StatusCode::BAD_REQUEST)
                .detail(format!("The host is not acceptable: {why}."))
        })?;
        if !self.answers_to(&host.host) {
            return Err(Problem::new(Code::HostNotAllowed));
        }
        if origin::concerns(request) && !origin::is_welcome(request, &host, &self.origins) {
            return Err(Problem::new(Code::ForeignOrigin));
        }
        if !self.is_known(request) {
            return Err(Problem::new(Code::Unauthorized));
        }
        Ok(())
    }

    /// DNS rebinding makes a stranger's name point here; so only names that cannot be a stranger's are answered to.
    fn answers_to(&self, host: &Host) -> bool {
        match host {
            Host::Ip(_) => true,
            Host::Name(name) => name == "localhost" || self.public_host.as_ref() == Some(host),
        }
    }

    fn is_known(&self, request: &HttpRequest) -> bool {
        // A preflight cannot carry a token; it is answered by the CORS layer before it comes here, or by nobody.
        let free = WITHOUT_TOKEN.contains(&request.path()) || *request.method() == Method::OPTIONS;
        free || self.token.as_ref().is_none_or(|token| token.admits(request))
    }
}

/// The layer itself: `.wrap(from_fn(guard))`, innermost, with an [`ApiGuard`] in the app's data.
pub async fn guard<B: MessageBody>(
    rules: Data<ApiGuard>,
    request: ServiceRequest,
    next: Next<B>,
) -> Result<ServiceResponse<EitherBody<B>>, actix_web::Error> {
    match rules.check(request.request()) {
        Ok(()) => next.call(request).await.map(ServiceResponse::map_into_left_body),
        Err(problem) => {
            let refused: ServiceResponse = request.error_response(problem);
            Ok(refused.map_into_right_body())
        }
    }
}
