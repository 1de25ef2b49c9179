//! Answers about the process itself.

use actix_web::HttpResponse;
use actix_web::http::StatusCode;
use serde_json::json;
use shipstack_types::{Check, Clock as _, SystemClock};

/// `GET /livez`: the process is up. Asks nobody, so that a broken neighbour does not get it restarted.
pub async fn livez() -> HttpResponse {
    HttpResponse::Ok().content_type("text/plain; charset=utf-8").body("ok\n")
}

/// `GET /health`, as the Node system answers it.
pub async fn classic_health() -> HttpResponse {
    HttpResponse::Ok().json(json!({ "status": "ok", "timestamp": SystemClock.now() }))
}

/// `GET /metrics`: what this process counted, in Prometheus's text format.
pub async fn metrics() -> HttpResponse {
    let text = shipstack_service::metrics::render();
    HttpResponse::Ok().content_type("text/plain; version=0.0.4; charset=utf-8").body(text)
}

/// The answer of `GET /readyz`: 200 when all checks are fine, else 503; with each check either way.
pub fn readyz(checks: &[Check]) -> HttpResponse {
    let ready = checks.iter().all(|check| check.ok);
    let status = if ready { StatusCode::OK } else { StatusCode::SERVICE_UNAVAILABLE };
    let word = if ready { "ok" } else { "failing" };
    HttpResponse::build(status).json(json!({ "status": word, "checks": checks }))
}
