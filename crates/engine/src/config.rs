//! What an engine needs to know; read from the settings by the worker.

use shipstack_types::{
    Clock, EgressBounds, EgressOptions, HostAllowList, NetworkAccess, SystemClock, WorkerId,
};
use std::path::PathBuf;
use std::sync::Arc;

/// How a worker uses its engine.
#[derive(Clone, Debug)]
pub struct EngineConfig {
    /// `unix://`, `tcp://`, `npipe://`; the platform's default without one.
    pub docker_host: Option<String>,
    /// The folder of `ca.pem`, `cert.pem` and `key.pem` for a `tcp://` engine; without one it is talked to in the clear.
    pub docker_certificates: Option<PathBuf>,
    /// The image builds run in; [`crate::DEFAULT_IMAGE`] without one. A named image is pulled when it is not there.
    pub image: Option<String>,
    /// A runtime other than the engine's own (`runsc`, `kata`); missing means no builds, never a fallback.
    pub runtime: Option<String>,
    /// What a build may reach that asks for nothing tighter.
    pub network: NetworkPolicy,
    /// What any build may do on the network; each can only tighten it.
    pub egress: EgressBounds,
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
            docker_certificates: None,
            image: None,
            runtime: None,
            network: NetworkPolicy::Egress,
            egress: EgressBounds::default(),
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

/// How builds reach the network.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum NetworkPolicy {
    /// Through the egress proxy, within [`EngineConfig::egress`].
    #[default]
    Egress,
    /// Whatever the engine's bridge reaches, the host's services included. An operator's choice for trusted code.
    Bridge,
}

/// How one build reaches the network.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Way {
    /// Not at all, or through the proxy, within these bounds.
    Bounded(EgressBounds),
    /// As the operator's bridge does.
    Bridge,
}

impl EngineConfig {
    /// The way of a build that asks for this. Whoever asks for anything leaves the bridge: it knows no bounds.
    pub(crate) fn way(&self, asked: &EgressOptions) -> Way {
        match self.network {
            NetworkPolicy::Bridge if asked.is_empty() => Way::Bridge,
            _ => Way::Bounded(self.egress.tightened_by(asked)),
        }
    }
}

impl Way {
    /// Whether there is a proxy in it.
    pub(crate) fn is_proxied(&self) -> bool {
        self.bounds().is_some_and(|bounds| bounds.network != NetworkAccess::None)
    }

    pub(crate) fn bounds(&self) -> Option<&EgressBounds> {
        match self {
            Self::Bounded(bounds) => Some(bounds),
            Self::Bridge => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn whoever_asks_for_bounds_leaves_the_bridge_and_nobody_gets_onto_it() {
        let mut config = EngineConfig::new(WorkerId::new("test", [0; 8]));
        let asked = EgressOptions { network: Some(NetworkAccess::Open), ..EgressOptions::default() };
        assert_eq!(config.way(&asked), Way::Bounded(EgressBounds::default()));
        config.network = NetworkPolicy::Bridge;
        assert_eq!(config.way(&EgressOptions::default()), Way::Bridge);
        assert_eq!(config.way(&asked), Way::Bounded(EgressBounds::default()));
        config.network = NetworkPolicy::Egress;
        config.egress.network = NetworkAccess::None;
        assert!(!config.way(&asked).is_proxied());
    }
}
