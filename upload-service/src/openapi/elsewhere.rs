//! The operations whose handlers stand in other crates or answer with streams, as documentation.

#![expect(dead_code, reason = "documentation")]

use super::schemas::ClassicHealth;
use super::streamed::{ChangeEvent, LogEvent};
use shipstack_http::ProblemDocument;
use shipstack_types::{DeploymentId, LogLine};

/// Read or follow a log
///
/// `text/event-stream`, `application/x-ndjson` or `text/plain` by `Accept`, or a WebSocket: history first, and with
/// `follow` what comes after it (an event stream and a WebSocket follow unless told otherwise). Every line comes once
/// and in order; whoever was cut off goes on with `from`, or with `Last-Event-ID`.
///
/// * Event stream: `id: <seq>`, `event: line`, `data:` a `LogLine`; at the end `event: end`, `data:` a `LogEnd`, without an
///   id. A comment every 15 s.
/// * WebSocket (`Upgrade: websocket`): each message is one text, a `LogEvent`: `{"event":"line","data":{…}}`, and last
///   `{"event":"end","data":{"status":"deployed"}}`, closed with 1000. Closed with 1001 the service stops, with 1011 the log
///   could not be read on: come back in both cases. Pings are sent and answered; nothing else is expected of the client.
/// * `application/x-ndjson`: a `LogLine` on each line. `text/plain`: the texts alone.
#[utoipa::path(
    get, path = "/v1/deployments/{id}/logs", tag = "deployments", operation_id = "readLog",
    params(
        ("id" = DeploymentId, Path, description = "The deployment."),
        ("from" = Option<u64>, Query, description = "The first line, from 1."),
        ("follow" = Option<bool>, Query, description = "Whether to wait for what comes after."),
        ("Last-Event-ID" = Option<u64>, Header, description = "The last line that was seen; the one after it is the first."),
        ("Upgrade" = Option<String>, Header, description = "`websocket` for a WebSocket (RFC 6455)."),
    ),
    responses(
        (status = 101, description = "A WebSocket whose text messages are these.", body = LogEvent,
            content_type = "application/json"),
        (status = 200, description = "The lines.", content(
            (LogLine = "application/x-ndjson"), (LogEvent = "text/event-stream"), (inline(String) = "text/plain"),
        )),
        (status = 400, description = "`from` or `follow` is not acceptable.", body = ProblemDocument,
            content_type = "application/problem+json"),
        (status = 404, description = "Nobody knows the deployment.", body = ProblemDocument,
            content_type = "application/problem+json"),
        (status = 503, description = "As many logs and events are being read as this service sends at once, or what knows \
            the log is out of reach; come back after `Retry-After`.",
            body = ProblemDocument, content_type = "application/problem+json",
            headers(("Retry-After" = u64, description = "Seconds."))),
    ),
)]
fn logs() {}

/// Follow everything that changes
///
/// The stream begins with `event: reset`, `data: {}`: read what you show, then apply what follows. `event: deployment` has
/// a `DeploymentChanged` as its data, `event: deleted` a `DeploymentDeleted`. Each has an id, `<epoch>-<n>`; who comes back
/// with it as `Last-Event-ID` goes on there, and is told `reset` again when it is not known any more. A comment every 15 s.
#[utoipa::path(
    get, path = "/v1/events", tag = "deployments", operation_id = "followEvents",
    params(
        ("channel" = Option<String>, Query, description = "`deployments` for all of them, as without it, or `deployment:<id>` for one."),
        ("Last-Event-ID" = Option<String>, Header, description = "The last event that was seen."),
    ),
    responses(
        (status = 200, description = "Events, for ever.", body = ChangeEvent, content_type = "text/event-stream"),
        (status = 400, description = "`channel` is not acceptable.", body = ProblemDocument,
            content_type = "application/problem+json"),
        (status = 503, description = "As many logs and events are being read as this service sends at once; come back \
            after `Retry-After`.",
            body = ProblemDocument, content_type = "application/problem+json",
            headers(("Retry-After" = u64, description = "Seconds."))),
    ),
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
