//! Request-service as a service: connect, bind, then serve until told to stop.

use crate::app::App;
use crate::{Config, server};
use actix_web::web;
use shipstack_http::{Exposure, bind};
use shipstack_records::connect_store;
use shipstack_service::{Shutdown, Supervisor, say_ready};
use shipstack_storage::Store;
use std::net::{SocketAddr, TcpListener};
use std::time::Duration;

/// A request-service that listens and has not begun to answer.
pub struct Service {
    app: web::Data<App>,
    sites: TcpListener,
    health: Option<TcpListener>,
}

impl Service {
    /// Opens the store of the settings and binds.
    pub async fn build(config: &Config) -> anyhow::Result<Self> {
        let store = connect_store(&config.data, &config.store).await?;
        Self::on_store(config, &store)
    }

    /// Binds, over a store that is open already.
    pub fn on_store(config: &Config, store: &Store) -> anyhow::Result<Self> {
        // Sites are meant for everybody; health tells nothing that they do not.
        let sites = bind(config.serve.addr, Exposure::Guarded)?;
        let health = config.health.health_addr.map(|addr| bind(addr, Exposure::Guarded)).transpose()?;
        let app = web::Data::new(App::new(&config.serve, &config.site, store));
        Ok(Self { app, sites, health })
    }

    /// Where sites are served; with port 0 asked for, the port that was picked.
    pub fn serve_addr(&self) -> std::io::Result<SocketAddr> {
        self.sites.local_addr()
    }

    /// Where health is answered, if anywhere.
    pub fn health_addr(&self) -> Option<SocketAddr> {
        self.health.as_ref().and_then(|listener| listener.local_addr().ok())
    }

    /// Serves until `shutdown`; downloads in flight may finish.
    pub async fn run(self, shutdown: Shutdown) -> anyhow::Result<()> {
        let address = self.serve_addr()?;
        let mut parts = Supervisor::new(shutdown.clone());
        let sites = server::sites(self.app.clone(), self.sites)?;
        parts.spawn("sites", server::run(sites, shutdown.clone()));
        if let Some(listener) = self.health {
            let health = server::health(self.app, listener)?;
            parts.spawn("health", server::run(health, shutdown.clone()));
        }
        say_ready("request-service", &address);
        Ok(parts.run(Duration::from_secs(server::DRAIN_SECONDS)).await?)
    }
}
