//! JSON bodies.

use actix_web::HttpRequest;
use actix_web::http::header;
use actix_web::web::Payload;
use serde::de::DeserializeOwned;
use shipstack_types::Code;

use crate::{BodyLimits, CappedBody, Problem};

/// Reads a JSON body. Anything but `application/json` in UTF-8 is refused, which also keeps out what a page can send
/// without asking first (`text/plain`, forms).
pub async fn read_json<T: DeserializeOwned>(
    request: &HttpRequest,
    payload: Payload,
    limits: BodyLimits,
) -> Result<T, Problem> {
    if !is_json(request) {
        return Err(
            Problem::new(Code::UnsupportedMediaType).detail("The body has to be application/json in UTF-8.")
        );
    }
    let body = CappedBody::new(request, payload, limits)?.read().await?;
    serde_json::from_slice(&body).map_err(|error| problem(&error))
}

fn problem(error: &serde_json::Error) -> Problem {
    if error.is_data() {
        return Problem::new(Code::InvalidOption)
            .detail(format!("The body is JSON but not what is expected: {error}."));
    }
    Problem::new(Code::InvalidJson).detail(format!("The body is not valid JSON: {error}."))
}

fn is_json(request: &HttpRequest) -> bool {
    let mut values = request.headers().get_all(header::CONTENT_TYPE);
    let (Some(value), None) = (values.next(), values.next()) else { return false };
    let mut parts = value.to_str().unwrap_or_default().split(';').map(str::trim);
    let is_json = parts.next().is_some_and(|kind| kind.eq_ignore_ascii_case("application/json"));
    is_json && parts.all(is_harmless_parameter)
}

fn is_harmless_parameter(parameter: &str) -> bool {
    let (name, value) = parameter.split_once('=').unwrap_or((parameter, ""));
    !name.trim().eq_ignore_ascii_case("charset")
        || value.trim().trim_matches('"').eq_ignore_ascii_case("utf-8")
}
