//! Request-service as a service: connect, bind, then serve until told to stop.

use crate::app::App;
use crate::{Config, health, server};
use actix_web::web;
use shipstack_http::{Checks, ClientPlaces, Door, Exposure, MinimumRate, bind, health_server, serve_until};
use shipstack_records::connect_store;
use shipstack_service::{Shutdown, Supervisor, metrics, say_ready};
use shipstack_storage::Store;
use std::net::{SocketAddr, TcpListener};
use std::sync::Arc;
use std::time::Duration;

/// A request-service that listens and has not begun to answer.
pub struct Service {
    app: web::Data<App>,
    sites: TcpListener,
    places: Arc<ClientPlaces>,
    readers: MinimumRate,
    health: Option<TcpListener>,
    checks: Checks,
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
        let checks = health::checks(&app.store);
        let places = ClientPlaces::new(&config.serve, &config.proxies);
        Ok(Self { app, sites, places, readers: MinimumRate::OF_A_VISITOR, health, checks })
    }

    /// The same, whose readers have to keep to another minimum rate.
    #[must_use]
    pub fn demanding(self, readers: MinimumRate) -> Self {
        Self { readers, ..self }
    }

    /// The same, whose health answers for these parts of the process too: there is one health address.
    #[must_use]
    pub fn answering_for(self, others: Checks) -> Self {
        Self { checks: self.checks.and(others), ..self }
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
        metrics::enable();
        let address = self.serve_addr()?;
        let mut parts = Supervisor::new(shutdown.clone());
        let sites = server::sites(self.app.clone(), Door::new(self.places, self.readers), self.sites)?;
        parts.spawn("sites", server::run(sites, shutdown.clone()));
        if let Some(listener) = self.health {
            let health = health_server(listener, self.checks, health::routes(self.app))?;
            parts.spawn("health", serve_until(health, shutdown.soft()));
        }
        say_ready("request-service", &address);
        Ok(parts.run(Duration::from_secs(server::DRAIN_SECONDS)).await?)
    }
}
