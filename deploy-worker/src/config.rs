//! The settings of a worker.

use clap::Parser;
use shipstack_engine::{EngineConfig, NetworkPolicy};
use shipstack_records::{Records, RecordsSettings};
use shipstack_settings::{
    DataSettings, EngineSettings, HealthSettings, LimitSettings, LogSettings, SandboxSettings,
    SourceSettings, StateSettings, StoreSettings, TimeoutSettings,
};
use std::sync::Arc;

/// Claims deployments under a lease, builds them in hardened containers, publishes the result.
#[derive(Parser, Debug, Clone)]
#[command(name = "deploy-worker", version, about)]
pub struct Standalone {
    /// What the worker needs.
    #[command(flatten)]
    pub config: Config,
    /// Take one build and end with 0 when it is done; also when none comes within a minute. For schedulers that start a
    /// worker per build
    #[arg(long, help_heading = "Builds")]
    pub once: bool,
}

/// What a worker needs, alone or within another process.
#[derive(Parser, Debug, Clone)]
pub struct Config {
    /// The data folder.
    #[command(flatten)]
    pub data: DataSettings,
    /// The object store.
    #[command(flatten)]
    pub store: StoreSettings,
    /// Redis and the queue.
    #[command(flatten)]
    pub state: StateSettings,
    /// How sources are stored.
    #[command(flatten)]
    pub source: SourceSettings,
    /// Docker.
    #[command(flatten)]
    pub engine: EngineSettings,
    /// The box of a build.
    #[command(flatten)]
    pub sandbox: SandboxSettings,
    /// Deadlines.
    #[command(flatten)]
    pub timeouts: TimeoutSettings,
    /// Sizes and counts.
    #[command(flatten)]
    pub limits: LimitSettings,
    /// Logging.
    #[command(flatten)]
    pub log: LogSettings,
    /// Health checks.
    #[command(flatten)]
    pub health: HealthSettings,
}

impl Config {
    /// What decides where records are.
    #[must_use]
    pub fn records(&self) -> RecordsSettings<'_> {
        RecordsSettings {
            data: &self.data,
            store: &self.store,
            state: &self.state,
            timeouts: &self.timeouts,
            source: &self.source,
        }
    }

    pub(crate) fn engine(&self, records: &Records) -> EngineConfig {
        let network = match self.sandbox.network {
            shipstack_settings::NetworkPolicy::Bridge => NetworkPolicy::Bridge,
            _ => NetworkPolicy::Egress,
        };
        EngineConfig {
            docker_host: self.engine.docker_host.clone(),
            docker_certificates: self.engine.docker_certificates(),
            image: self.engine.image.clone(),
            runtime: self.engine.runtime.clone(),
            network,
            egress: self.sandbox.egress(),
            egress_only: self.sandbox.egress_hosts.clone(),
            egress_allow_private: self.sandbox.egress_allow_private_hosts.clone(),
            ca_file: self.sandbox.ca_file.clone(),
            registry: self.sandbox.registry.clone(),
            installation: self.records().installation(),
            clock: Arc::clone(&records.clock),
            ..EngineConfig::new(records.worker.clone())
        }
    }
}
