//! Answers about the process itself.

use actix_web::HttpResponse;
use actix_web::http::StatusCode;
use serde::Serialize;
use serde_json::json;
use shipstack_types::{Clock as _, SystemClock};

/// One thing that has to work for the process to be able to work.
#[derive(Debug, Clone, Serialize)]
pub struct Check {
    /// What is looked at: `redis`, `store`, `docker`.
    pub name: String,
    /// Whether it works.
    pub ok: bool,
    /// What was seen.
    pub detail: String,
    /// What to do about it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub remedy: Option<String>,
}

impl Check {
    /// It works.
    pub fn ok(name: impl Into<String>, detail: impl Into<String>) -> Self {
        Self { name: name.into(), ok: true, detail: detail.into(), remedy: None }
    }

    /// It does not work, and this would help.
    pub fn broken(name: impl Into<String>, detail: impl Into<String>, remedy: impl Into<String>) -> Self {
        Self { name: name.into(), ok: false, detail: detail.into(), remedy: Some(remedy.into()) }
    }
}

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
