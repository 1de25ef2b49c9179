//! One installation by compose, with a folder of its own for secrets and settings.

use std::fs;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result, ensure};
use tempfile::TempDir;
use tokio::process::Command;

use super::client::Client;
use super::images::Images;
use super::{API_HOST, Machine, SITES_DOMAIN};
use crate::cargo::root;
use crate::process;

/// For everything to answer after a start.
const START: Duration = Duration::from_mins(1);
/// Where Caddy keeps the certificate of its own authority.
const AUTHORITY: &str = "/var/lib/caddy/data/caddy/pki/authorities/local/root.crt";
/// The certificates that builds trust on a network that intercepts TLS.
const CA_FILE: &str = "SHIPSTACK_BUILD_CA_FILE";

/// The installation; gone, with its volumes, when dropped.
pub(super) struct Project {
    host: String,
    name: String,
    folder: TempDir,
    files: Vec<PathBuf>,
    port: u16,
    servers: String,
    exists: bool,
}

impl Project {
    /// Makes its secrets and settings; starts nothing.
    pub(super) fn new(machine: &Machine<'_>, images: &Images) -> Result<Self> {
        let port = shipstack_testkit::free_port()?;
        let deploy = root().join("deploy").canonicalize()?;
        let project = Self {
            host: machine.docker.host().to_owned(),
            name: format!("shipstack-{}", images.version),
            folder: tempfile::tempdir()?,
            files: vec![deploy.join("compose.yaml")],
            port,
            servers: images.servers_tag(),
            exists: false,
        };
        project.settled(machine, images, &deploy)
    }

    fn settled(mut self, machine: &Machine<'_>, images: &Images, deploy: &Path) -> Result<Self> {
        let socket = self.host.strip_prefix("unix://").context("compose hands on a Unix socket")?.to_owned();
        let mut init = std::process::Command::new(deploy.join("compose/init.sh"));
        init.args([API_HOST, SITES_DOMAIN]).arg(self.folder.path()).env("DOCKER_SOCKET", socket);
        ensure!(init.output()?.status.success(), "init.sh fails");
        let mut variables = self.variables(images)?;
        let environment = machine.environment;
        if let Some(file) = value(environment, CA_FILE) {
            self.files.push(deploy.join("compose.closed.yaml"));
            variables.extend([CA_FILE, "=", &file, "\n"]);
        }
        let settings = ["SHIPSTACK_BUILD_REGISTRY", "SHIPSTACK_EGRESS_ALLOW_PRIVATE_HOSTS"];
        let settings = settings.into_iter().filter_map(|name| Some((name, value(environment, name)?)));
        let settings: String = settings
            .flat_map(|(name, value)| [name.to_owned(), "=".to_owned(), value, "\n".to_owned()])
            .collect();
        fs::write(self.folder.path().join("settings.env"), settings)?;
        fs::write(self.env_file(), variables)?;
        Ok(self)
    }

    /// What `init.sh` wrote, and what is this run's own besides.
    fn variables(&self, images: &Images) -> Result<String> {
        let written = fs::read_to_string(self.env_file())?;
        let (name, version, servers, port) = (&self.name, &images.version, &self.servers, self.port);
        let plain_port = shipstack_testkit::free_port()?;
        // Of the block that is kept for tests of networks (RFC 2544), by the port, so that two runs do not meet.
        let subnet = format!("198.18.{}.0/24", port % 256);
        Ok(written
            + &format!(
                "COMPOSE_PROJECT_NAME={name}\nSHIPSTACK_VERSION={version}\nSHIPSTACK_REDIS_IMAGE={servers}\n\
                 SHIPSTACK_STORE_IMAGE={servers}\nSHIPSTACK_CADDY_IMAGE={servers}\nSHIPSTACK_TLS_ISSUER=internal\n\
                 SHIPSTACK_HTTP_PORT=127.0.0.1:{plain_port}\nSHIPSTACK_HTTPS_PORT=127.0.0.1:{port}\n\
                 SHIPSTACK_PORT_SUFFIX=:{port}\nSHIPSTACK_FRONT_SUBNET={subnet}\nSHIPSTACK_STORE_VOLUME_MB=64\n"
            ))
    }

    fn env_file(&self) -> PathBuf {
        self.folder.path().join(".env")
    }

    /// Starts what is not running.
    pub(super) async fn up(&mut self) -> Result<()> {
        self.exists = true;
        self.compose(&["up", "-d"]).await
    }

    /// Makes the store and starts nothing.
    pub(super) async fn create_store(&mut self) -> Result<()> {
        self.exists = true;
        self.compose(&["up", "--no-start", "store"]).await
    }

    /// Stops everything and removes it with what it holds.
    pub(super) async fn remove(&mut self) -> Result<()> {
        self.compose(&["down", "--volumes", "--remove-orphans"]).await?;
        self.exists = false;
        Ok(())
    }

    /// Runs a command of compose; what it prints is shown only if it fails.
    pub(super) async fn compose(&self, arguments: &[&str]) -> Result<()> {
        let mut command = Command::from(self.command(arguments));
        process::output(&mut command).await.map(drop)
    }

    fn command(&self, arguments: &[&str]) -> std::process::Command {
        let mut command = std::process::Command::new("docker-compose");
        command.arg("--env-file").arg(self.env_file()).env("DOCKER_HOST", &self.host);
        for file in &self.files {
            command.arg("-f").arg(file);
        }
        // It reads these as well, and they would win over the file.
        for name in ["COMPOSE_PROJECT_NAME", "COMPOSE_FILE", CA_FILE] {
            command.env_remove(name);
        }
        command.args(arguments);
        command
    }

    /// Runs a shell line in a container that has the objects' volume at `/store` and a folder of ours at `/backup`.
    pub(super) async fn with_store(&self, folder: &Path, line: &str) -> Result<()> {
        let store = format!("{}_store-data:/store", self.name);
        let backup = format!("{}:/backup", folder.display());
        let arguments = [
            "run",
            "--rm",
            "--network",
            "none",
            "-v",
            &store,
            "-v",
            &backup,
            &self.servers,
            "sh",
            "-c",
            line,
        ];
        process::output(process::command("docker", &arguments).env("DOCKER_HOST", &self.host)).await.map(drop)
    }

    /// A client that trusts this installation's authority, once everything answers.
    pub(super) async fn client(&self) -> Result<Client> {
        let started = Instant::now();
        loop {
            match self.try_client().await {
                Ok(client) => return Ok(client),
                Err(error) if started.elapsed() > START => return Err(error.context(self.logs())),
                Err(_) => tokio::time::sleep(Duration::from_millis(250)).await,
            }
        }
    }

    async fn try_client(&self) -> Result<Client> {
        let authority = self.folder.path().join("root.crt");
        let from = format!("{}_caddy_1:{AUTHORITY}", self.name);
        let mut copy = process::command("docker", &["cp", &from, &authority.to_string_lossy()]);
        process::output(copy.env("DOCKER_HOST", &self.host)).await?;
        let token = fs::read_to_string(self.folder.path().join("secrets/token"))?;
        let client = Client::new(authority, self.port, token)?;
        client.ensure_ready().await?;
        Ok(client)
    }

    /// The last words of everybody, for whoever has to find out why it does not start.
    fn logs(&self) -> String {
        let output = self.command(&["logs", "--no-color", "--tail=8"]).output();
        output.map(|output| String::from_utf8_lossy(&output.stdout).into_owned()).unwrap_or_default()
    }
}

impl Drop for Project {
    fn drop(&mut self) {
        if self.exists {
            // Whoever drops it in the middle has an error to tell already.
            let _removed =
                self.command(&["down", "--volumes", "--remove-orphans", "--timeout", "20"]).output();
        }
    }
}

/// A setting for builds: found out for this machine, else what the person set.
fn value(environment: &[(&'static str, String)], name: &str) -> Option<String> {
    let found = environment.iter().find(|(known, _)| *known == name).map(|(_, value)| value.clone());
    let set = || std::env::var_os(name).and_then(|value| value.into_string().ok());
    found.or_else(set).filter(|value| !value.is_empty())
}
