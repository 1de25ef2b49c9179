//! Finding the Docker engine that tests use. It is never started or stopped here, and nothing is pruned.

use std::io::{Read, Write};
use std::net::TcpStream;
use std::os::unix::net::UnixStream;
use std::time::Duration;

use anyhow::{Context, Result, ensure};

use crate::missing::or_skip;

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

    fn ping(&self) -> Result<()> {
        if let Some(path) = self.host.strip_prefix("unix://") {
            let stream = UnixStream::connect(path)?;
            stream.set_read_timeout(Some(Duration::from_secs(5)))?;
            return ask(stream);
        }
        let address = self.host.strip_prefix("tcp://").context("neither unix:// nor tcp://")?;
        let stream = TcpStream::connect(address)?;
        stream.set_read_timeout(Some(Duration::from_secs(5)))?;
        ask(stream)
    }
}

fn ask(mut stream: impl Read + Write) -> Result<()> {
    stream.write_all(b"GET /_ping HTTP/1.1\r\nHost: docker\r\nConnection: close\r\n\r\n")?;
    let mut answer = [0; 12];
    stream.read_exact(&mut answer)?;
    ensure!(answer == *b"HTTP/1.1 200", "the engine's ping is not 200");
    Ok(())
}
