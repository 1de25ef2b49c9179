//! Which web pages may read the API's answers.

use std::collections::HashSet;

use actix_cors::Cors;
use actix_web::http::{Method, header};
use shipstack_settings::Origin;

/// Allows exactly these origins, named one by one and never `*`. Wraps the guard, so that a page of a listed origin can
/// read why it was refused; a page of any other origin gets no CORS header at all, and the guard decides.
pub fn cors(origins: &[Origin]) -> Cors {
    let listed: HashSet<String> = origins.iter().map(|origin| origin.as_str().to_owned()).collect();
    Cors::default()
        .allowed_origin_fn(move |origin, _| origin.to_str().is_ok_and(|origin| listed.contains(origin)))
        .block_on_origin_mismatch(false)
        .allowed_methods([Method::GET, Method::HEAD, Method::POST, Method::PUT, Method::DELETE])
        .allowed_headers([header::AUTHORIZATION, header::CONTENT_TYPE, header::ACCEPT])
        .allowed_header("idempotency-key")
        .allowed_header("last-event-id")
        .allowed_header("prefer")
        .expose_headers(["location", "preference-applied", "retry-after", "x-request-id"])
        // The session's cookie; only origins that are named get so far.
        .supports_credentials()
        .max_age(600)
}
