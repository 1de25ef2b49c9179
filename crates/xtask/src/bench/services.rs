//! The three services as processes of a bench's own, on a Redis and a store of its own.

use std::path::Path;
use std::process::Stdio;
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result, ensure};
use reqwest::Client;
use rustix::process::Signal;
use serde_json::Value;
use tempfile::TempDir;

use crate::cargo::{cargo, program};
use crate::machine::{self, Consent, Docker, Need};
use crate::process::{self, Group};
use crate::ready::until_ready;
use crate::up::Servers;

/// Where objects are kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Store {
    Folder,
    S3,
}

/// A running upload-service on its servers, and what a worker is started with. Stopped when dropped.
pub(super) struct Services {
    // Dropped in this order: the process, then what it talks to.
    upload: Group,
    client: Client,
    api: String,
    pub(super) environment: Vec<(&'static str, String)>,
    servers: Servers,
    folder: TempDir,
    _docker: Docker,
}

impl Services {
    pub(super) async fn start(store: Store) -> Result<Self> {
        machine::ensure_tools(&[Need::DOCKER, Need::IMAGE, Need::SOURCE, Need::SERVERS], Consent::IfHarmless)
            .await?;
        let docker = Docker::find_or_start().await?;
        machine::ensure_builder_image(&docker).await?;
        let packages = ["upload-service", "deploy-worker", "shipstack"].map(|name| ["--package", name]);
        process::run(&mut cargo(&[&["build", "--locked"], packages.concat().as_slice()].concat())).await?;
        let (servers, folder) = (Servers::start().await?, tempfile::tempdir()?);
        let api = format!("127.0.0.1:{}", shipstack_testkit::free_port()?);
        let of_servers = servers.environment();
        let mut environment: Vec<_> = of_servers
            .into_iter()
            .filter(|(name, _)| store == Store::S3 || !name.starts_with("AWS_"))
            .collect();
        environment.push(("SHIPSTACK_DATA_DIR", folder.path().to_string_lossy().into_owned()));
        environment.push(("DOCKER_HOST", docker.host().to_owned()));
        environment.push(("SHIPSTACK_LOG", "error".to_owned()));
        environment.push(("SHIPSTACK_API_ADDR", api.clone()));
        let upload = start("upload-service", &environment)?;
        let client = Client::builder().no_proxy().build()?;
        let api = format!("http://{api}");
        let services = Self { upload, client, api, environment, servers, folder, _docker: docker };
        until_ready(&services.api).await?;
        Ok(services)
    }

    pub(super) fn start_worker(&self) -> Result<Group> {
        start("deploy-worker", &self.environment)
    }

    /// Hands a finished site over.
    pub(super) async fn accept(&self, tar: Vec<u8>) -> Result<()> {
        let url = format!("{}/v1/deployments?prebuilt=true", self.api);
        let post = self.client.post(url).header("content-type", "application/x-tar").body(tar);
        post.send().await?.error_for_status()?;
        Ok(())
    }

    /// How many wait.
    pub(super) fn queued(&self) -> Result<u32> {
        let answer = self.servers.redis().raw("LLEN build-queue")?;
        answer.trim().trim_start_matches(':').parse().context("LLEN is no number")
    }

    /// Whether a deployment is in a state.
    pub(super) async fn has_any(&self, status: &str) -> Result<bool> {
        let url = format!("{}/v1/deployments?status={status}&limit=1", self.api);
        let page: Value = self.client.get(url).send().await?.error_for_status()?.json().await?;
        Ok(page.get("items").and_then(Value::as_array).is_some_and(|items| !items.is_empty()))
    }

    /// Resident memory of upload-service and of a worker, in MiB.
    pub(super) fn memory(&self, worker: &Group) -> Result<[f64; 2]> {
        Ok([resident(&self.upload)?, resident(worker)?])
    }

    /// Empties Redis and lets `shipstack reindex` fill its index again from the store; how long that took.
    pub(super) async fn reindex(&self) -> Result<Duration> {
        self.servers.redis().raw("FLUSHALL")?;
        let mut command = process::command(&program("shipstack")?.to_string_lossy(), &["reindex"]);
        let environment = self.environment.iter().map(|(name, value)| (name, value));
        let began = Instant::now();
        process::output(command.envs(environment).current_dir(self.folder.path())).await?;
        Ok(began.elapsed())
    }

    /// Where a folder store is.
    pub(super) fn folder(&self) -> &Path {
        self.folder.path()
    }

    /// Ends it and waits until it is gone.
    pub(super) async fn stop(mut self) -> Result<()> {
        end(&mut self.upload).await
    }
}

/// Ends a process as an operator would, and waits until it is gone.
pub(super) async fn end(group: &mut Group) -> Result<()> {
    group.signal(Signal::TERM);
    let status = group.wait().await?;
    ensure!(status.success(), "a service ended with {status}");
    Ok(())
}

fn start(name: &str, environment: &[(&'static str, String)]) -> Result<Group> {
    let mut command = process::command(&program(name)?.to_string_lossy(), &[]);
    command.envs(environment.iter().map(|(name, value)| (name, value)));
    Group::start(command.stdout(Stdio::null())).with_context(|| format!("{name} does not start"))
}

fn resident(group: &Group) -> Result<f64> {
    let status = std::fs::read_to_string(format!("/proc/{}/status", group.id().context("it has ended")?))?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:")).context("no VmRSS")?;
    let kib: f64 = line.split_whitespace().next().context("VmRSS is empty")?.parse()?;
    Ok(kib / 1024.0)
}
