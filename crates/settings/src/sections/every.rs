//! All sections at once.

use clap::Args;

use crate::{
    ApiSettings, DataSettings, EngineSettings, HealthSettings, LimitSettings, LogSettings, PortOverride,
    SandboxSettings, ServeSettings, SiteSettings, SourceSettings, StateSettings, StoreSettings,
    TimeoutSettings,
};

/// Every setting there is: what `shipstack up` takes, and what `.env.example` is generated from.
#[derive(Args, Debug, Clone)]
pub struct EverySetting {
    /// The API's address and callers.
    #[command(flatten)]
    pub api: ApiSettings,
    /// `PORT`.
    #[command(flatten)]
    pub port: PortOverride,
    /// The serving address.
    #[command(flatten)]
    pub serve: ServeSettings,
    /// Names of sites.
    #[command(flatten)]
    pub site: SiteSettings,
    /// The data folder.
    #[command(flatten)]
    pub data: DataSettings,
    /// The object store.
    #[command(flatten)]
    pub store: StoreSettings,
    /// Redis and the queue.
    #[command(flatten)]
    pub state: StateSettings,
    /// Where source comes from.
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
    /// Health of services without an API.
    #[command(flatten)]
    pub health: HealthSettings,
}
