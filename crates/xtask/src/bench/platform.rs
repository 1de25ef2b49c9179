//! An all-in-one of the bench's own, in a temporary folder, asked over HTTP.

use std::path::{Path, PathBuf};
use std::time::Duration;

use anyhow::{Context as _, Result, ensure};
use reqwest::Client;
use rustix::process::Signal;
use serde_json::Value;
use tempfile::TempDir;

use crate::cargo::{cargo, program, root};
use crate::machine::{self, Consent, Docker, Need};
use crate::process::{self, Group};
use crate::ready::until_ready;

/// How often an end is looked for: a hundredth of what is measured.
const POLL: Duration = Duration::from_millis(5);
const PATIENCE: Duration = Duration::from_mins(2);

/// Settings beside those that every bench has.
pub(crate) type Settings<'a> = &'a [(&'a str, &'a str)];

/// A running all-in-one; stopped when dropped.
pub(crate) struct Platform {
    api: String,
    sites: String,
    client: Client,
    pub(crate) docker: Docker,
    process: Group,
    _folder: TempDir,
}

impl Platform {
    pub(crate) async fn start(settings: Settings<'_>) -> Result<Self> {
        Self::start_built(&[], Path::new("shipstack"), settings).await
    }

    /// The same from a release build, as operators run it.
    pub(crate) async fn start_released(settings: Settings<'_>) -> Result<Self> {
        Self::start_built(&["--release"], Path::new("../release/shipstack"), settings).await
    }

    async fn start_built(profile: &[&str], at: &Path, settings: Settings<'_>) -> Result<Self> {
        machine::ensure_tools(&[Need::DOCKER, Need::IMAGE, Need::SOURCE], Consent::IfHarmless).await?;
        let docker = Docker::find_or_start().await?;
        machine::ensure_builder_image(&docker).await?;
        let build = ["build", "--package", "shipstack", "--bin", "shipstack", "--locked"];
        process::run(&mut cargo(&[&build, profile].concat())).await?;
        let folder = tempfile::tempdir()?;
        let ports = (shipstack_testkit::free_port()?, shipstack_testkit::free_port()?);
        let mut command = process::command(&program(at)?.to_string_lossy(), &["up"]);
        command.envs(machine::closed_network_settings().await);
        command.envs(settings.iter().copied());
        command.env("DOCKER_HOST", docker.host()).env("SHIPSTACK_DATA_DIR", folder.path());
        command.env("SHIPSTACK_API_ADDR", format!("127.0.0.1:{}", ports.0)).env("SHIPSTACK_LOG", "error");
        command
            .env("SHIPSTACK_SERVE_ADDR", format!("127.0.0.1:{}", ports.1))
            .stdout(std::process::Stdio::null());
        let process = Group::start(&mut command).context("shipstack does not start")?;
        let client = Client::builder().no_proxy().build()?;
        let api = format!("http://127.0.0.1:{}", ports.0);
        let sites = format!("http://127.0.0.1:{}", ports.1);
        let platform = Self { api, sites, client, docker, process, _folder: folder };
        until_ready(&platform.api).await?;
        Ok(platform)
    }

    /// Where sites are served.
    pub(crate) fn sites(&self) -> &str {
        &self.sites
    }

    /// Hands an archive over; the deployment's id.
    pub(crate) async fn accept(&self, archive: Vec<u8>) -> Result<String> {
        let post = self.client.post(format!("{}/v1/deployments", self.api)).body(archive);
        let accepted: Value = post.header("content-type", "application/x-tar").send().await?.json().await?;
        Ok(accepted.get("id").and_then(Value::as_str).context("no id")?.to_owned())
    }

    /// The deployment as the API shows it.
    pub(crate) async fn deployment(&self, id: &str) -> Result<Value> {
        Ok(self.client.get(format!("{}/v1/deployments/{id}", self.api)).send().await?.json().await?)
    }

    /// Deploys an archive and waits for its end; the deployment as the API shows it then.
    pub(crate) async fn deploy(&self, archive: Vec<u8>) -> Result<Value> {
        let id = self.accept(archive).await?;
        let status = format!("{}/status?id={id}", self.api);
        let ended = async {
            loop {
                let word: Value = self.client.get(&status).send().await?.json().await?;
                match word.get("status").and_then(Value::as_str) {
                    Some("deployed") => return Ok::<_, anyhow::Error>(()),
                    Some("failed" | "cancelled") | None => anyhow::bail!("{id} ended as {word}"),
                    Some(_) => tokio::time::sleep(POLL).await,
                }
            }
        };
        tokio::time::timeout(PATIENCE, ended).await.context("a deployment did not end")??;
        self.deployment(&id).await
    }

    /// Ends it and waits until it is gone.
    pub(crate) async fn stop(mut self) -> Result<()> {
        self.process.signal(Signal::TERM);
        self.process.wait().await.map(drop)
    }
}

/// A fixture project of testkit.
pub(crate) fn fixture(name: &str) -> PathBuf {
    root().join("crates/testkit/fixtures").join(name)
}

/// A folder as a tar.
pub(crate) async fn tar_of(folder: &std::path::Path) -> Result<Vec<u8>> {
    let arguments = ["-C", &folder.to_string_lossy(), "-c", "."].map(str::to_owned);
    let output = tokio::process::Command::new("tar").args(arguments).output().await?;
    ensure!(output.status.success(), "tar failed: {}", String::from_utf8_lossy(&output.stderr));
    Ok(output.stdout)
}
