//! What an engine needs to know; read from the settings by the worker.

use shipstack_types::{Clock, HostAllowList, SystemClock, WorkerId};
use std::path::PathBuf;
use std::sync::Arc;

/// How a worker uses its engine.
#[derive(Clone, Debug)]
pub struct EngineConfig {
    /// `unix://`, `tcp://`, `npipe://`; the platform's default without one.
    pub docker_host: Option<String>,
    /// The image builds run in; [`crate::DEFAULT_IMAGE`] without one. A named image is pulled when it is not there.
    pub image: Option<String>,
    /// A runtime other than the engine's own (`runsc`, `kata`); missing means no builds, never a fallback.
    pub runtime: Option<String>,
    /// What builds may reach.
    pub network: NetworkPolicy,
    /// Hosts that may resolve to addresses that are not public, for the egress proxy.
    pub egress_allow_private: HostAllowList,
    /// When not empty, the only hosts that builds may reach.
    pub egress_only: HostAllowList,
    /// An extra bundle of CA certificates for builds.
    pub ca_file: Option<PathBuf>,
    /// A mirror of the package registry.
    pub registry: Option<String>,
    /// The installation that this worker belongs to: the janitor touches nothing of another one on the same engine.
    pub installation: String,
    /// Whose containers these are.
    pub worker: WorkerId,
    /// The clock that stamps labels and lines.
    pub clock: Arc<dyn Clock>,
}

impl EngineConfig {
    /// The defaults for a worker.
    #[must_use]
    pub fn new(worker: WorkerId) -> Self {
        Self {
            docker_host: None,
            image: None,
            runtime: None,
            network: NetworkPolicy::Egress,
            egress_allow_private: HostAllowList::default(),
            egress_only: HostAllowList::default(),
            ca_file: None,
            registry: None,
            installation: worker.to_string(),
            worker,
            clock: Arc::new(SystemClock),
        }
    }
}

/// What a build may reach.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum NetworkPolicy {
    /// Public addresses, through the egress proxy.
    #[default]
    Egress,
    /// Nothing.
    None,
    /// Whatever the engine's bridge reaches, the host's services included. An operator's choice for trusted code.
    Open,
}
