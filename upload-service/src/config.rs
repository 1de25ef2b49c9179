//! The settings of the service.

use clap::Parser;
use shipstack_records::{PublicUrl, RecordsSettings};
use shipstack_settings::{
    ApiSettings, DataSettings, LimitSettings, LogSettings, PortOverride, SiteSettings, SourceSettings,
    StateSettings, StoreSettings, TimeoutSettings,
};
use std::net::SocketAddr;
use std::path::PathBuf;

/// Accepts deployments, fetches their source, answers status and logs.
#[derive(Parser, Debug, Clone)]
#[command(name = "upload-service", version, about)]
pub struct Config {
    /// The API's address and callers.
    #[command(flatten)]
    pub api: ApiSettings,
    /// `PORT`.
    #[command(flatten)]
    pub port: PortOverride,
    /// Names of sites.
    #[command(flatten)]
    pub site: SiteSettings,
    /// Address that sites are served on; its port stands in their addresses
    #[arg(long, env = "SHIPSTACK_SERVE_ADDR", default_value = "127.0.0.1:3001", value_name = "ADDR")]
    pub serve_addr: SocketAddr,
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
    /// Bundle of CA certificates that git trusts instead of the system's, as builds do beside the image's
    #[arg(long = "build-ca-file", env = "SHIPSTACK_BUILD_CA_FILE", value_name = "FILE")]
    pub ca_file: Option<PathBuf>,
    /// Deadlines.
    #[command(flatten)]
    pub timeouts: TimeoutSettings,
    /// Sizes and counts.
    #[command(flatten)]
    pub limits: LimitSettings,
    /// Logging.
    #[command(flatten)]
    pub log: LogSettings,
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

    /// Where the API listens.
    #[must_use]
    pub fn api_addr(&self) -> SocketAddr {
        self.port.applied_to(self.api.addr)
    }

    /// Where deployments are visible.
    #[must_use]
    pub fn public_url(&self) -> PublicUrl {
        let template = self.site.site_url(self.serve_addr.port()).to_string();
        PublicUrl::new(&template, &self.site.domain.to_string())
    }
}
