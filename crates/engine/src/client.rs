//! The two clients of an engine: one that gives up soon, one for what may last as long as a build.

use crate::error::EngineError;
use bollard::{API_DEFAULT_VERSION, Docker};
use std::fs::File;
use std::path::Path;
use std::time::Duration;

/// An engine under load takes seconds for a create; one that takes a minute is as good as gone.
const ANSWER: Duration = Duration::from_mins(1);
/// Uploads, events and attached execs end by deadlines of their own.
const LASTING: Duration = Duration::from_hours(24);

/// Connections to one engine.
#[derive(Clone, Debug)]
pub(crate) struct Client {
    /// For calls that answer at once.
    pub(crate) quick: Docker,
    /// For streams.
    pub(crate) lasting: Docker,
}

impl Client {
    /// Connects and agrees on the API version.
    pub(crate) async fn connect(
        host: Option<&str>,
        certificates: Option<&Path>,
    ) -> Result<Self, EngineError> {
        let doing = "connect";
        let docker = match (host, certificates) {
            (Some(host), Some(folder)) if over_network(host) => tls(host, folder)?,
            (Some(host), None) if over_network(host) => {
                Docker::connect_with_http(host, ANSWER.as_secs(), API_DEFAULT_VERSION)
            }
            (Some(host), _) => Docker::connect_with_host(host),
            (None, _) => Docker::connect_with_local_defaults(),
        };
        let docker = docker.map_err(|error| EngineError::of(doing, error))?.with_timeout(ANSWER);
        let quick = docker.negotiate_version().await.map_err(|error| EngineError::of(doing, error))?;
        let lasting = quick.clone().with_timeout(LASTING);
        Ok(Self { quick, lasting })
    }
}

/// Whether the engine is on the other side of a network, where its disk is too.
pub(crate) fn over_network(host: &str) -> bool {
    host.starts_with("tcp://")
}

/// The files are looked at now: the client reads the key and the certificate only in a handshake, and an absent one looks like
/// an engine that hangs up.
fn tls(host: &str, folder: &Path) -> Result<Result<Docker, bollard::errors::Error>, EngineError> {
    let [ca, cert, key] = ["ca.pem", "cert.pem", "key.pem"].map(|name| folder.join(name));
    for path in [&ca, &cert, &key] {
        File::open(path).map_err(|source| EngineError::Certificate { path: path.clone(), source })?;
    }
    Ok(Docker::connect_with_ssl(host, &key, &cert, &ca, ANSWER.as_secs(), API_DEFAULT_VERSION))
}
