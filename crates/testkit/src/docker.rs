//! Finding the Docker engine that tests use. It is never started or stopped here, and nothing is pruned.

use std::io::{Read, Write};
use std::net::ToSocketAddrs as _;
use std::time::Duration;

use anyhow::{Context, Result, ensure};

use crate::missing::or_skip;
use crate::tcp_faults::Upstream;

/// An engine that answers.
#[derive(Debug, Clone)]
pub struct DockerEngine {
    host: String,
}

impl DockerEngine {
    /// The engine of `DOCKER_HOST`, else of the default socket; `None` after a skip.
    pub fn start() -> Option<Self> {
        or_skip("docker", Self::find())
    }

    /// True if an engine answers; prints no skip.
    pub fn available() -> bool {
        Self::find().is_ok()
    }

    /// The engine of `DOCKER_HOST`, else of the default socket, or why it does not answer.
    pub fn find() -> Result<Self> {
        let host = std::env::var_os("DOCKER_HOST").and_then(|host| host.into_string().ok());
        let engine = Self { host: host.unwrap_or_else(|| "unix:///var/run/docker.sock".to_owned()) };
        engine.ping().with_context(|| format!("{} does not answer", engine.host))?;
        Ok(engine)
    }

    /// What `DOCKER_HOST` is set to.
    pub fn host(&self) -> &str {
        &self.host
    }

    /// Where to connect to, for a [`FaultProxy`](crate::FaultProxy).
    pub fn upstream(&self) -> Result<Upstream> {
        Self::upstream_of(&self.host)
    }

    /// Where an engine with this `DOCKER_HOST` listens.
    pub fn upstream_of(host: &str) -> Result<Upstream> {
        if let Some(path) = host.strip_prefix("unix://") {
            return Ok(Upstream::Unix(path.into()));
        }
        let address = host.strip_prefix("tcp://").context("neither unix:// nor tcp://")?;
        let found = address.to_socket_addrs()?.next();
        found.map(Upstream::Tcp).with_context(|| format!("{address} has no address"))
    }

    fn ping(&self) -> Result<()> {
        let stream = self.upstream()?.connect()?;
        stream.set_read_timeout(Some(Duration::from_secs(5)))?;
        ensure!(ask(stream, "GET /_ping")? == 200, "the engine's ping is not 200");
        Ok(())
    }
}

/// The status that answers a request without a body, which is when it is done.
pub(crate) fn ask(mut stream: impl Read + Write, request: &str) -> Result<u16> {
    let headers = "Host: docker\r\nContent-Length: 0\r\nConnection: close";
    stream.write_all(format!("{request} HTTP/1.1\r\n{headers}\r\n\r\n").as_bytes())?;
    let mut answer = [0; 12];
    stream.read_exact(&mut answer)?;
    let status = std::str::from_utf8(&answer)?.strip_prefix("HTTP/1.1 ");
    Ok(status.context("the engine answers no HTTP")?.parse()?)
}
