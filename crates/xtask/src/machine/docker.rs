//! The Docker engine: the one that answers, else one of our own, with its data in the cache folder so that the builder
//! image survives. Only our own is ever stopped.

use std::fs::{self, File};
use std::path::Path;
use std::process::Stdio;
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result, bail};
use shipstack_testkit::DockerEngine;

use super::cache_folder;
use crate::console::say;
use crate::process::{self, Group};

/// Six seconds on an idle machine; the first start makes its storage.
const START: Duration = Duration::from_mins(2);

/// An engine that answers; stopped when dropped if we started it.
pub(crate) struct Docker {
    host: String,
    own: Option<Group>,
}

impl Docker {
    pub(crate) async fn find_or_start() -> Result<Self> {
        match DockerEngine::find() {
            Ok(engine) => Ok(Self { host: engine.host().to_owned(), own: None }),
            Err(why) => {
                say(&format!("no Docker engine answers ({why:#}); starting one"));
                Self::start().await
            }
        }
    }

    /// What `DOCKER_HOST` is set to.
    pub(crate) fn host(&self) -> &str {
        &self.host
    }

    /// Whether it was there before us.
    pub(crate) fn is_borrowed(&self) -> bool {
        self.own.is_none()
    }

    async fn start() -> Result<Self> {
        let folder = cache_folder()?.join("docker");
        fs::create_dir_all(&folder)?;
        let host = format!("unix://{}", folder.join("docker.sock").display());
        let own = Group::start(&mut dockerd(&folder, &host)?)?;
        let engine = Self { host, own: Some(own) };
        engine.wait_until_it_answers(&folder).await?;
        Ok(engine)
    }

    async fn wait_until_it_answers(&self, folder: &Path) -> Result<()> {
        let started = Instant::now();
        loop {
            let mut ask = process::command("docker", &["version", "--format", "{{.Server.Version}}"]);
            if process::output(ask.env("DOCKER_HOST", &self.host)).await.is_ok() {
                return Ok(());
            }
            if started.elapsed() > START {
                bail!("dockerd does not answer: {}", end_of(&folder.join("dockerd.log")));
            }
            tokio::time::sleep(Duration::from_millis(200)).await;
        }
    }
}

fn dockerd(folder: &Path, host: &str) -> Result<tokio::process::Command> {
    let path = |name: &str| folder.join(name).to_string_lossy().into_owned();
    // One that was killed before it could remove it.
    let _absent = fs::remove_file(folder.join("dockerd.pid"));
    let arguments = [
        "--host",
        host,
        "--data-root",
        &path("data"),
        "--exec-root",
        &path("exec"),
        "--pidfile",
        &path("dockerd.pid"),
    ];
    let log = File::create(folder.join("dockerd.log")).context("cannot write dockerd's log")?;
    let mut command = process::command("dockerd", &arguments);
    command.stdout(Stdio::from(log.try_clone()?)).stderr(log);
    Ok(command)
}

fn end_of(log: &Path) -> String {
    let text = fs::read_to_string(log).unwrap_or_default();
    let lines: Vec<&str> = text.lines().rev().take(3).collect();
    lines.join(" / ")
}
