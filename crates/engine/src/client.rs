//! The two clients of an engine: one that gives up soon, one for what may last as long as a build.

use crate::error::EngineError;
use bollard::Docker;
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
    pub(crate) async fn connect(host: Option<&str>) -> Result<Self, EngineError> {
        let doing = "connect";
        let docker = match host {
            Some(host) => Docker::connect_with_host(host),
            None => Docker::connect_with_local_defaults(),
        };
        let docker = docker.map_err(|error| EngineError::of(doing, error))?.with_timeout(ANSWER);
        let quick = docker.negotiate_version().await.map_err(|error| EngineError::of(doing, error))?;
        let lasting = quick.clone().with_timeout(LASTING);
        Ok(Self { quick, lasting })
    }
}
