//! `GET /v1/server`: what this installation is and can do, and how it and its workers are.

use crate::app::App;
use crate::{Config, problems};
use actix_web::HttpResponse;
use actix_web::web::Data;
use serde::Serialize;
use shipstack_http::{ApiGuard, ApiResult};
use shipstack_state::WorkerSeen;
use shipstack_types::{Check, Timestamp, WorkerId};
use std::time::Duration;
use utoipa::ToSchema;

/// What can be done over this API. A client shows what it finds here and nothing else.
const ABILITIES: [&str; 10] =
    ["git", "archive", "prebuilt", "cancel", "redeploy", "delete", "files", "idempotency", "logs", "events"];

/// An installation.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Server {
    /// The version of the API's process.
    version: &'static str,
    /// What can be done: `git`, `archive`, `cancel` …; there may be more later.
    abilities: &'static [&'static str],
    /// Whether callers have to show a token.
    token_needed: bool,
    limits: Limits,
    serving: Serving,
    /// Whether all checks are fine.
    ready: bool,
    /// The checks of `/readyz`.
    checks: Vec<Check>,
    /// The workers that said so within the last three leases; `null` while the state is out of reach, which knows them.
    workers: Option<Vec<Worker>>,
}

/// Every limit that a deployment may meet. Times are in milliseconds.
#[derive(Clone, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Limits {
    source_max_bytes: u64,
    source_max_files: u64,
    output_max_bytes: u64,
    output_max_files: u64,
    build_log_max_bytes: u64,
    clone_timeout_ms: u64,
    upload_timeout_ms: u64,
    queue_timeout_ms: u64,
    build_timeout_ms: u64,
    build_silence_ms: u64,
    publish_timeout_ms: u64,
}

impl Limits {
    /// As the settings have them.
    pub(crate) fn of(config: &Config) -> Self {
        let (limits, timeouts) = (&config.limits, &config.timeouts);
        let (source, output) = (limits.source(), limits.output());
        Self {
            source_max_bytes: source.total_bytes,
            source_max_files: source.files,
            output_max_bytes: output.total_bytes,
            output_max_files: output.files,
            build_log_max_bytes: limits.build_log_max.get(),
            clone_timeout_ms: millis(timeouts.clone.get()),
            upload_timeout_ms: millis(timeouts.upload.get()),
            queue_timeout_ms: millis(timeouts.queue.get()),
            build_timeout_ms: millis(timeouts.build.get()),
            build_silence_ms: millis(timeouts.silence.get()),
            publish_timeout_ms: millis(timeouts.publish.get()),
        }
    }
}

fn millis(span: Duration) -> u64 {
    u64::try_from(span.as_millis()).unwrap_or(u64::MAX)
}

/// Where deployments are served.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Serving {
    /// Each deployment has a host of its own under it.
    domain: String,
    /// The address of a site, with `{host}` for its host name.
    url_template: String,
}

/// A process that builds.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Worker {
    id: WorkerId,
    /// Builds it runs at once.
    slots: u32,
    version: String,
    /// Whether all its checks were fine.
    ready: bool,
    /// Its checks, as of its last heartbeat.
    checks: Vec<Check>,
    /// When that was, by the clock of the state.
    seen_at: Timestamp,
}

impl From<WorkerSeen> for Worker {
    fn from(WorkerSeen { presence: worker, seen_at }: WorkerSeen) -> Self {
        let ready = worker.checks.iter().all(|check| check.ok);
        Self { id: worker.worker, slots: worker.slots, version: worker.version, ready, checks: worker.checks, seen_at }
    }
}

/// Say what this server is and can do
#[utoipa::path(
    get, path = "/v1/server", tag = "server", operation_id = "showServer",
    responses((status = 200, description = "The installation.", body = Server)),
)]
pub(crate) async fn server(app: Data<App>, guard: Data<ApiGuard>) -> ApiResult {
    let (checks, workers) = tokio::join!(app.records.readiness(), app.records.state.workers());
    // A state that is away is one of the checks; that there is no worker would be a guess.
    let workers = match workers {
        Ok(workers) => Some(workers.into_iter().map(Worker::from).collect()),
        Err(error) if error.is_unavailable() => None,
        Err(error) => return Err(problems::from_records(&error.into())),
    };
    let domain = app.urls.domain().to_owned();
    let url_template = format!("{}/", app.urls.template());
    Ok(HttpResponse::Ok().json(Server {
        version: env!("CARGO_PKG_VERSION"),
        abilities: &ABILITIES,
        token_needed: guard.needs_token(),
        limits: app.limits.clone(),
        serving: Serving { domain, url_template },
        ready: checks.iter().all(|check| check.ok),
        checks,
        workers,
    }))
}
