//! The operations whose handlers stand in other crates or answer with streams, as documentation.

#![expect(dead_code, reason = "documentation")]

use super::schemas::ClassicHealth;
use shipstack_http::ProblemDocument;
use shipstack_types::{DeploymentId, LogLine};

/// Read or follow a log
///
/// `text/event-stream` (`id: <seq>`, `event: line`, `event: end`), `application/x-ndjson` or `text/plain` by `Accept`,
/// or a WebSocket: history first, and with `follow` what comes after it.
#[utoipa::path(
    get, path = "/v1/deployments/{id}/logs", tag = "deployments", operation_id = "readLog",
    params(
        ("id" = DeploymentId, Path, description = "The deployment."),
        ("from" = Option<u64>, Query, description = "The first line, from 1."),
        ("follow" = Option<bool>, Query, description = "Whether to wait for what comes after."),
        ("Last-Event-ID" = Option<u64>, Header, description = "The last line that was seen; the one after it is the first."),
    ),
    responses(
        (status = 200, description = "The lines.", content(
            (LogLine = "application/x-ndjson"), (inline(String) = "text/event-stream"), (inline(String) = "text/plain"),
        )),
        (status = 400, description = "`from` or `follow` is not acceptable.", body = ProblemDocument,
            content_type = "application/problem+json"),
        (status = 404, description = "Nobody knows the deployment.", body = ProblemDocument,
            content_type = "application/problem+json"),
    ),
)]
fn logs() {}

/// Follow everything that changes
///
/// Ids are `<epoch>-<n>`; an id that is not known any more is answered with `event: reset`.
#[utoipa::path(
    get, path = "/v1/events", tag = "deployments", operation_id = "followEvents",
    params(
        ("channel" = Option<String>, Query, description = "Only this channel."),
        ("Last-Event-ID" = Option<String>, Header, description = "The last event that was seen."),
    ),
    responses((status = 200, description = "Events.", body = String, content_type = "text/event-stream")),
)]
fn events() {}

/// This document
#[utoipa::path(
    get, path = "/v1/openapi.json", tag = "server", operation_id = "showOpenApi",
    responses((status = 200, description = "OpenAPI 3.1.", body = serde_json::Value)),
)]
fn openapi() {}

/// The process is up, as the Node system said it
#[utoipa::path(
    get, path = "/health", tag = "classic", operation_id = "classicHealth",
    responses((status = 200, description = "It is up.", body = ClassicHealth)), security(()),
)]
fn health() {}

/// The process is up
#[utoipa::path(
    get, path = "/livez", tag = "health", operation_id = "live",
    responses((status = 200, description = "It is up.", body = String, content_type = "text/plain")), security(()),
)]
fn livez() {}

/// Metrics for Prometheus
#[utoipa::path(
    get, path = "/metrics", tag = "health", operation_id = "metrics",
    responses((status = 200, description = "The exposition format.", body = String, content_type = "text/plain")),
)]
fn metrics() {}
