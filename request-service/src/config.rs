//! The settings of request-service.

use clap::Parser;
use shipstack_settings::{
    DataSettings, HealthSettings, LogSettings, ServeSettings, SiteSettings, StoreSettings,
};

/// Serves deployments by host name, straight from the object store.
#[derive(Parser, Debug, Clone)]
#[command(name = "request-service", version, about)]
pub struct Config {
    /// Where sites are served.
    #[command(flatten)]
    pub serve: ServeSettings,
    /// Under which names.
    #[command(flatten)]
    pub site: SiteSettings,
    /// The data folder.
    #[command(flatten)]
    pub data: DataSettings,
    /// The object store.
    #[command(flatten)]
    pub store: StoreSettings,
    /// Logging.
    #[command(flatten)]
    pub log: LogSettings,
    /// Health checks.
    #[command(flatten)]
    pub health: HealthSettings,
}
