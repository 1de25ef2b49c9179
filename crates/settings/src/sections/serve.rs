//! Where sites are served and under which names.

use std::net::SocketAddr;

use clap::{Args, ValueEnum};

use crate::{ByteSize, Domain, SiteUrl};

/// Where sites are served.
#[derive(Args, Debug, Clone)]
#[command(next_help_heading = "Serving")]
pub struct ServeSettings {
    /// Address that sites are served on; port 0 picks a free one
    #[arg(
        id = "serve-addr",
        long,
        env = "SHIPSTACK_SERVE_ADDR",
        default_value = "127.0.0.1:3001",
        value_name = "ADDR"
    )]
    pub addr: SocketAddr,

    /// What ?id= on the bare domain does: redirect to the deployment's own host, or serve in place
    #[arg(long, env = "SHIPSTACK_QUERY_ROUTING", default_value = "redirect", value_name = "HOW")]
    pub query_routing: QueryRouting,

    /// Memory for files and manifests of sites that visitors asked for; what was asked for least makes room
    #[arg(long, env = "SHIPSTACK_CACHE_SIZE", default_value = "384MiB", value_name = "SIZE")]
    pub cache_size: ByteSize,

    /// Connections that one client (an address; with IPv6 a /64) may hold to sites at once; 0 is as many as it likes. Without
    /// it 256, but for clients at private addresses. Trusted proxies are never counted
    #[arg(long, env = "SHIPSTACK_CONNECTION_LIMIT", value_name = "N")]
    pub connection_limit: Option<u32>,
}

/// Under which names sites are reached; the API needs it too, since it says where a deployment is.
#[derive(Args, Debug, Clone)]
#[command(next_help_heading = "Serving")]
pub struct SiteSettings {
    /// Domain that deployments are served under, each on a host of its own
    #[arg(long, env = "SHIPSTACK_DOMAIN", default_value = "localhost", value_name = "DOMAIN")]
    pub domain: Domain,

    /// Address of a site, with {host} for its host name; by default http on the port that sites are served on
    #[arg(id = "public-serve-url", long, env = "SHIPSTACK_PUBLIC_SERVE_URL", value_name = "URL")]
    pub public_url: Option<SiteUrl>,
}

impl SiteSettings {
    /// How sites are addressed when the serving port is this one.
    pub fn site_url(&self, serve_port: u16) -> SiteUrl {
        self.public_url.clone().unwrap_or_else(|| SiteUrl::on_port(serve_port))
    }
}

/// What `?id=` on the bare domain does (contract.md §3).
#[derive(ValueEnum, Debug, Clone, Copy, PartialEq, Eq)]
pub enum QueryRouting {
    /// A 302 to the deployment's own host, so that its assets resolve too.
    Redirect,
    /// In place, as the Node system did.
    Serve,
}
