//! The outermost layer of an API: request id, and one form for every refusal.
//!
//! Whoever refuses (a handler, the guard, actix's router or one of its extractors), the client sees the same shape, the
//! one of the route it asked for; and what broke on our side is logged once, with the id that the client was told.

use std::time::Instant;

use actix_web::body::{BodySize, EitherBody, MessageBody};
use actix_web::dev::{ServiceRequest, ServiceResponse};
use actix_web::http::header::{self, HeaderName, HeaderValue};
use actix_web::http::{Method, StatusCode};
use actix_web::middleware::Next;
use actix_web::web::Data;
use actix_web::{Error, HttpMessage as _, HttpResponse};
use shipstack_service::Metric;
use shipstack_service::metrics::status_class;
use shipstack_types::Code;
use tracing::{debug, error, warn};

use crate::{Problem, RequestId};

const REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");

/// Which routes answer in the Node system's shape. Goes into the app's data: `app_data(Data::new(envelope))`.
#[derive(Debug, Clone, Default)]
pub struct Envelope {
    classic: &'static [(&'static str, &'static str)],
}

impl Envelope {
    /// All routes answer with `application/problem+json`, but these paths, which answer
    /// `{"message":…,"error":…,"code":…}` with the message beside them.
    pub fn with_classic(classic: &'static [(&'static str, &'static str)]) -> Self {
        Self { classic }
    }

    fn render(&self, path: &str, problem: &Problem, id: &RequestId) -> HttpResponse {
        let classic = self.classic.iter().find(|(classic, _)| *classic == path);
        match classic {
            Some((_, message)) => problem.as_classic(message, id),
            None => problem.as_problem(id),
        }
    }
}

/// The layer itself: `.wrap(from_fn(envelope))`, outermost, with an [`Envelope`] in the app's data.
pub async fn envelope<B: MessageBody>(
    shapes: Data<Envelope>,
    request: ServiceRequest,
    next: Next<B>,
) -> Result<ServiceResponse<EitherBody<B>>, Error> {
    let (id, started) = (RequestId::new(), Instant::now());
    let (method, path) = (request.method().clone(), request.path().to_owned());
    request.extensions_mut().insert(id.clone());
    let response = next.call(request).await?;
    let mut response = match problem_of(&response) {
        Some(problem) => {
            log_problem(&problem, &id, &path);
            let rendered = shapes.render(&path, &problem, &id);
            replaced(response, rendered).map_into_right_body()
        }
        None => response.map_into_left_body(),
    };
    add_headers(&mut response, &id);
    log_answer(&response, &id, &method, started);
    Ok(response)
}

/// The problem that an answer stands for: ours, or one that fits what actix refused by itself.
fn problem_of<B: MessageBody>(response: &ServiceResponse<B>) -> Option<Problem> {
    let own = response.response().error();
    if let Some(problem) = own.and_then(|error| error.as_error::<Problem>()) {
        return Some(problem.clone());
    }
    let empty = matches!(response.response().body().size(), BodySize::None | BodySize::Sized(0));
    let status = response.status();
    let refused = status.is_client_error() || status.is_server_error();
    (refused && (empty || own.is_some())).then(|| fitting(status))
}

fn fitting(status: StatusCode) -> Problem {
    let code = match status.as_u16() {
        401 => Code::Unauthorized,
        403 => Code::ForeignOrigin,
        404 => Code::NotFound,
        405 => Code::MethodNotAllowed,
        408 => Code::RequestTimeout,
        413 => Code::BodyTooLarge,
        415 => Code::UnsupportedMediaType,
        503 => Code::Overloaded,
        400..=499 => Code::InvalidOption,
        _ => Code::Internal,
    };
    Problem::new(code).with_status(status)
}

/// The rendered answer in the place of the old one, whose headers (`Allow`, CORS) stay.
fn replaced<B>(old: ServiceResponse<B>, mut rendered: HttpResponse) -> ServiceResponse {
    for (name, value) in old.headers() {
        if *name != header::CONTENT_TYPE
            && *name != header::CONTENT_LENGTH
            && !rendered.headers().contains_key(name)
        {
            rendered.headers_mut().append(name.clone(), value.clone());
        }
    }
    old.into_response(rendered)
}

fn add_headers<B>(response: &mut ServiceResponse<B>, id: &RequestId) {
    let headers = response.headers_mut();
    if let Ok(id) = HeaderValue::from_str(id.as_str()) {
        headers.insert(REQUEST_ID, id);
    }
    headers.insert(header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    if !headers.contains_key(header::CACHE_CONTROL) {
        headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    }
}

fn log_problem(problem: &Problem, id: &RequestId, path: &str) {
    let cause = problem.cause().unwrap_or("not known");
    match problem.code() {
        Code::Internal => error!(request.id = %id, path, cause, "a request broke"),
        _ if problem.status().is_server_error() => warn!(request.id = %id, path, cause, "refused: {problem}"),
        _ => debug!(request.id = %id, path, "refused: {problem}"),
    }
}

fn log_answer<B>(response: &ServiceResponse<B>, id: &RequestId, method: &Method, started: Instant) {
    let (status, path) = (response.status().as_u16(), response.request().path());
    let duration_ms = u64::try_from(started.elapsed().as_millis()).unwrap_or(u64::MAX);
    debug!(request.id = %id, %method, path, status, duration_ms, "answered");
    // The pattern and not the path: there are as many as there are routes.
    let route = response.request().match_pattern();
    let route = route.as_deref().unwrap_or("none");
    Metric::HttpRequests.add(1, &[route, status_class(status)]);
    Metric::HttpDuration.note(started.elapsed().as_secs_f64(), &[route]);
}
