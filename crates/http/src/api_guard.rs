//! Who may call the API (contract.md §2): the host it is called by, the page that calls, the token.

use std::net::Ipv4Addr;
use std::sync::Arc;
use std::time::Instant;

use actix_web::HttpRequest;
use actix_web::body::{EitherBody, MessageBody};
use actix_web::cookie::Cookie;
use actix_web::dev::{ServiceRequest, ServiceResponse};
use actix_web::http::{Method, StatusCode};
use actix_web::middleware::Next;
use actix_web::web::Data;
use shipstack_settings::{ApiSettings, Network, Origin};
use shipstack_types::{Clock, Code, SystemClock, Timestamp};

use crate::buckets::Buckets;
use crate::client::client_address;
use crate::session::{Sessions, Transport};
use crate::token::TokenDigest;
use crate::{Authority, Host, Problem, origin, request_authority};

/// The only paths of the API that need no token: two say whether the process is up, and nothing else; the third is
/// where the token is shown.
const WITHOUT_TOKEN: [&str; 3] = ["/livez", "/health", "/v1/session"];

/// Wrong tokens that one client may show in a minute: a person who mistypes stays below it.
const WRONG_TOKENS: u32 = 10;

/// Says which paths besides those are everybody's to read: the dashboard's own files, which hold no data.
pub type OpenPath = fn(&str) -> bool;

/// The rules, ready to be asked. Goes into the app's data: `app_data(Data::from(guard))`.
#[derive(Debug)]
pub struct ApiGuard {
    token: Option<(TokenDigest, Sessions)>,
    open: OpenPath,
    public_host: Option<Host>,
    origins: Vec<String>,
    trusted_proxies: Vec<Network>,
    /// A token of the length that we advise cannot be guessed at any rate; this is for those who choose a short one.
    failed: Buckets,
}

impl ApiGuard {
    /// The rules that the operator's settings ask for.
    pub fn new(settings: &ApiSettings) -> Arc<Self> {
        Self::leaving_open(settings, |_| false)
    }

    /// The same, with paths that may be read without a token.
    pub fn leaving_open(settings: &ApiSettings, open: OpenPath) -> Arc<Self> {
        let public = settings.public_url.as_ref();
        let public_host =
            public.and_then(|url| url.host_str()).and_then(|host| host.parse::<Authority>().ok());
        let own_page = public.map(|url| url.origin().ascii_serialization());
        let listed = settings.cors_origins.iter().map(Origin::as_str).map(ToOwned::to_owned);
        Arc::new(Self {
            token: settings.token.as_ref().map(|token| {
                let tls = public.is_some_and(|url| url.scheme() == "https");
                let transport = if tls { Transport::Tls } else { Transport::Plain };
                (TokenDigest::of(token), Sessions::of(token, transport))
            }),
            open,
            public_host: public_host.map(|authority| authority.host),
            origins: listed.chain(own_page).collect(),
            trusted_proxies: settings.proxies.trusted_proxies.to_vec(),
            failed: Buckets::per_minute(WRONG_TOKENS),
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
        self.check_caller(request, &host)
    }

    /// Begins a session for whoever shows the token: when it ends, and its cookie. `None` where no token is needed. Who
    /// has shown too many wrong ones is not even looked at.
    pub fn sign_in(
        &self,
        request: &HttpRequest,
        token: &str,
    ) -> Result<Option<(Timestamp, Cookie<'static>)>, Problem> {
        let Some((digest, sessions)) = &self.token else { return Ok(None) };
        // A peer without an address is on this machine; they all count as one.
        let client = client_address(request, &self.trusted_proxies).unwrap_or(Ipv4Addr::UNSPECIFIED.into());
        if let Some(wait) = self.failed.wait(client, Instant::now()) {
            return Err(Problem::new(Code::RateLimited)
                .detail("Too many wrong tokens were shown from this address.")
                .remedy("Wait as long as Retry-After says, then show the token of SHIPSTACK_TOKEN.")
                .retry_after(wait));
        }
        if !digest.matches(token.as_bytes()) {
            self.failed.note(client, Instant::now());
            return Err(Problem::new(Code::Unauthorized).detail("This is not the token."));
        }
        Ok(Some(sessions.begin(SystemClock.now())))
    }

    /// The cookie that ends a session in the browser. `None` where no token is needed.
    pub fn sign_out(&self) -> Option<Cookie<'static>> {
        self.token.as_ref().map(|(_, sessions)| sessions.end())
    }

    /// Whether callers have to show a token.
    pub fn needs_token(&self) -> bool {
        self.token.is_some()
    }

    /// DNS rebinding makes a stranger's name point here; so only names that cannot be a stranger's are answered to.
    fn answers_to(&self, host: &Host) -> bool {
        match host {
            Host::Ip(_) => true,
            Host::Name(name) => name == "localhost" || self.public_host.as_ref() == Some(host),
        }
    }

    fn check_caller(&self, request: &HttpRequest, host: &Authority) -> Result<(), Problem> {
        let Some((token, sessions)) = &self.token else { return Ok(()) };
        if self.is_free(request) || token.admits(request) {
            return Ok(());
        }
        if !sessions.admits(request, SystemClock.now()) {
            return Err(Problem::new(Code::Unauthorized));
        }
        // A browser adds the cookie whoever asks. A stranger's page could not read the answer, but it could measure it.
        if origin::is_welcome(request, host, &self.origins) || origin::is_navigation(request) {
            return Ok(());
        }
        Err(Problem::new(Code::ForeignOrigin))
    }

    fn is_free(&self, request: &HttpRequest) -> bool {
        let (method, path) = (request.method(), request.path());
        let reads = matches!(*method, Method::GET | Method::HEAD);
        // A preflight cannot carry a token; it is answered by the CORS layer before it comes here, or by nobody.
        WITHOUT_TOKEN.contains(&path) || *method == Method::OPTIONS || (reads && (self.open)(path))
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
