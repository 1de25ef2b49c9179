//! `shipstack up`: the three services under one supervisor, in one process.

mod configs;
mod data_lock;

use std::io::IsTerminal as _;
use std::net::SocketAddr;
use std::time::Duration;

use anyhow::Context as _;
use serde_json::json;
use shipstack_records::Records;
use shipstack_service::{Shutdown, Supervisor, telemetry};
use shipstack_settings::EverySetting;

use crate::Exit;
use crate::console::{AnswerAs, answer, answer_json, tell};
use configs::Configs;
use data_lock::DataLock;

/// What the services need beyond the drain window to hand back and close.
const AFTER_DRAIN: Duration = Duration::from_secs(30);

pub(crate) async fn run(settings: EverySetting, answer_as: AnswerAs) -> anyhow::Result<Exit> {
    let _telemetry = telemetry::init(&telemetry::Options {
        service: "shipstack",
        filter: &filter(&settings.log.log),
        format: settings.log.log_format,
        otlp_endpoint: settings.log.otlp_endpoint(),
        otlp_headers: settings.log.otlp_headers(),
    })?;
    let _lock = DataLock::take(&settings.data.data_dir)?;
    let shutdown = Shutdown::new();
    shutdown.on_signals()?;
    let drain = settings.timeouts.drain.get();
    let kept = kept(&settings);
    let (parts, addresses) = Box::pin(start(settings, &shutdown)).await?;
    say_ready(&addresses, answer_as);
    if answer_as == AnswerAs::Text && std::io::stderr().is_terminal() {
        tell(&kept);
        tell(&format!("The dashboard is at http://{}/ · Ctrl-C stops", addresses.api));
    }
    parts.run(drain + AFTER_DRAIN).await?;
    Ok(Exit::Done)
}

struct Addresses {
    api: SocketAddr,
    sites: String,
}

/// What each part says of itself at its start is said once for all of them, on standard output: a person at a terminal
/// shall see that line, and after it what happens. Whoever asks for a filter gets that.
fn filter(asked: &str) -> String {
    // The HTTP library says of each of its threads what only its makers want to know.
    const AT_START: &str = "shipstack_service::ready=warn,shipstack_records::reindex=warn,actix_server=warn";
    let untouched = asked == "info" && std::io::stderr().is_terminal();
    if untouched { format!("{asked},{AT_START}") } else { asked.to_owned() }
}

/// Everything is bound and connected before anything begins, so that what cannot start says so at once.
async fn start(settings: EverySetting, shutdown: &Shutdown) -> anyhow::Result<(Supervisor, Addresses)> {
    let site = settings.site.clone();
    let configs = Configs::of(settings);
    let records = Records::connect_any(configs.upload.records()).await?;
    let sites = request_service::Service::on_store(&configs.request, &records.store)?;
    let serve_addr = sites.serve_addr()?;
    let upload = upload_service::Config { serve_addr, ..configs.upload };
    let api = upload_service::Service::build(upload, records.clone()).await?;
    let worker =
        deploy_worker::Service::build(configs.worker, records).await.context("the worker cannot start")?;
    let sites = sites.answering_for(worker.checks());
    let url = site.site_url(serve_addr.port()).of(&format!("<id>.{}", site.domain));
    let addresses = Addresses { api: api.address()?, sites: url };
    // API and sites stay until the builds have ended, so that whoever follows one sees its end.
    let after_builds = shutdown.followed();
    let mut parts = Supervisor::new(shutdown.clone());
    parts.spawn("request-service", sites.run(after_builds.clone()));
    parts.spawn("upload-service", api.run(after_builds.clone()));
    let builds = worker.run(shutdown.clone());
    parts.spawn("deploy-worker", async move {
        let ended = builds.await;
        after_builds.ask();
        ended
    });
    Ok((parts, addresses))
}

/// Where everything is kept. Redis is not told by its address, which may hold a password.
fn kept(settings: &EverySetting) -> String {
    let folder = &settings.data.data_dir;
    let folder = std::path::absolute(folder).unwrap_or_else(|_| folder.clone());
    let store = match &settings.store.bucket {
        Some(bucket) => format!("the bucket {bucket}"),
        None => folder.display().to_string(),
    };
    let state = if settings.state.redis_url.is_some() { "Redis" } else { "this process" };
    format!("Deployments are kept in {store}, the queue in {state}")
}

fn say_ready(addresses: &Addresses, answer_as: AnswerAs) {
    let (api, sites) = (format!("http://{}", addresses.api), &addresses.sites);
    match answer_as {
        AnswerAs::Json => answer_json(&json!({ "ready": true, "api": api, "sites": sites })),
        AnswerAs::Text => answer(&format!("shipstack is ready: API {api}, sites {sites}")),
    }
}
