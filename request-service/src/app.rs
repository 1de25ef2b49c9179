//! What all requests share.

use crate::contents::Contents;
use crate::sites::Sites;
use shipstack_rules::QueryRouting;
use shipstack_settings::{ServeSettings, SiteSettings, SiteUrl};
use shipstack_storage::{Patience, Store};
use shipstack_types::DeploymentId;

/// Names, caches and the store behind them. One for the whole process.
pub(crate) struct App {
    pub(crate) domain: String,
    pub(crate) query_routing: QueryRouting,
    pub(crate) sites: Sites,
    pub(crate) contents: Contents,
    pub(crate) store: Store,
    public_url: Option<SiteUrl>,
}

impl App {
    /// Over this store.
    pub(crate) fn new(serve: &ServeSettings, site: &SiteSettings, store: &Store) -> Self {
        let query_routing = match serve.query_routing {
            shipstack_settings::QueryRouting::Redirect => QueryRouting::Redirect,
            shipstack_settings::QueryRouting::Serve => QueryRouting::Serve,
        };
        let store = store.with_patience(Patience::REQUEST);
        let room = serve.cache_size.get();
        Self {
            domain: site.domain.as_str().to_owned(),
            query_routing,
            sites: Sites::new(store.clone(), room / 3),
            contents: Contents::new(store.clone(), room - room / 3),
            store,
            public_url: site.public_url.clone(),
        }
    }

    /// The address of a deployment's own host, without a slash at its end. Without a public address of the operator's it is on
    /// the port that the visitor came by, for that may be mapped to ours.
    pub(crate) fn own_host(&self, id: &DeploymentId, visitors_port: Option<u16>) -> String {
        let host = format!("{id}.{}", self.domain);
        let on_port = || match visitors_port {
            Some(port) => SiteUrl::on_port(port).of(&host),
            // Port 80 is the one that is not said.
            None => format!("http://{host}/"),
        };
        let url = self.public_url.as_ref().map_or_else(on_port, |template| template.of(&host));
        url.trim_end_matches('/').to_owned()
    }
}
