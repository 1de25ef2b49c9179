//! The settings of request-service.

use clap::{Args, Parser};
use shipstack_settings::{
    DataSettings, HealthSettings, LogSettings, PortOverride, ProxySettings, ServeSettings, SettingsError,
    SiteSettings, StateSettings, StoreSettings,
};

/// Serves deployments by host name, straight from the object store.
#[derive(Parser, Debug, Clone)]
#[command(name = "request-service", version, about)]
pub struct Standalone {
    /// What the service needs.
    #[command(flatten)]
    pub config: Config,
    /// `PORT`.
    #[command(flatten)]
    pub port: PortOverride,
    /// Redis, which the separate services share.
    #[command(flatten)]
    pub state: StateSettings,
}

impl Standalone {
    /// The configuration as a process of its own: `PORT` counts, and without `REDIS_URL` it is no separate service (contract §8),
    /// although sites are served from the store alone.
    pub fn checked(self) -> Result<Config, SettingsError> {
        self.state.required_redis_url()?;
        let addr = self.port.applied_to(self.config.serve.addr);
        Ok(Config { serve: ServeSettings { addr, ..self.config.serve }, ..self.config })
    }
}

/// What the service needs, alone or within another process.
#[derive(Args, Debug, Clone)]
pub struct Config {
    /// Where sites are served.
    #[command(flatten)]
    pub serve: ServeSettings,
    /// Who of the visitors' side is a proxy.
    #[command(flatten)]
    pub proxies: ProxySettings,
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

#[cfg(test)]
mod tests {
    use super::*;
    use shipstack_settings::{Environment, read};

    fn checked(pairs: &[(&str, &str)]) -> Result<Config, SettingsError> {
        let environment = Environment::from_pairs(pairs.iter().copied());
        read::<Standalone>(vec!["request-service".into()], &environment).unwrap().checked()
    }

    #[test]
    fn the_separate_service_wants_redis_and_listens_on_the_given_port() {
        assert_eq!(checked(&[]).unwrap_err().name(), "REDIS_URL");
        let config = checked(&[("REDIS_URL", "redis://localhost"), ("PORT", "4001")]).unwrap();
        assert_eq!(config.serve.addr.to_string(), "127.0.0.1:4001");
    }
}
