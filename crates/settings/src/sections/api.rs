//! Where the API listens and who may call it.

use std::net::SocketAddr;

use clap::Args;
use clap::builder::BoolishValueParser;
use url::Url;

use crate::values::BadValue;
use crate::{CommaList, Network, Origin, Secret};

/// Where the API listens and who may call it (contract.md §2).
#[derive(Args, Debug, Clone)]
#[command(next_help_heading = "API")]
pub struct ApiSettings {
    /// Address the API listens on; port 0 picks a free one
    #[arg(
        id = "api-addr",
        long,
        env = "SHIPSTACK_API_ADDR",
        default_value = "127.0.0.1:3002",
        value_name = "ADDR"
    )]
    pub addr: SocketAddr,

    /// Address that people reach the API under, when it is not the one it listens on
    #[arg(id = "public-api-url", long, env = "SHIPSTACK_PUBLIC_API_URL", value_parser = web_url, value_name = "URL")]
    pub public_url: Option<Url>,

    /// Token that every API request has to carry; without one only loopback may be listened on
    #[arg(long, env = "SHIPSTACK_TOKEN", hide_env_values = true, value_parser = token, value_name = "TOKEN")]
    pub token: Option<Secret>,

    /// Listen on any address without a token: everybody who reaches it can deploy
    #[arg(long, env = "SHIPSTACK_INSECURE_OPEN", value_parser = BoolishValueParser::new())]
    pub insecure_open: bool,

    /// Origins of web pages that may call the API, separated by commas
    #[arg(
        long,
        env = "SHIPSTACK_CORS_ORIGINS",
        default_value = "http://localhost:3000",
        value_name = "ORIGINS"
    )]
    pub cors_origins: CommaList<Origin>,

    /// What stands in front.
    #[command(flatten)]
    pub proxies: ProxySettings,

    /// Requests that one client (an address; with IPv6 a /64) may make in a minute; 0 is as many as it likes. Without it
    /// 1200, but for clients on this machine
    #[arg(long, env = "SHIPSTACK_RATE_LIMIT", value_name = "N")]
    pub rate_limit: Option<u32>,

    /// Deployments that one client may make in a minute; 0 is as many as it likes. Without it 60, but for clients on this
    /// machine
    #[arg(long, env = "SHIPSTACK_DEPLOY_RATE_LIMIT", value_name = "N")]
    pub deploy_rate_limit: Option<u32>,
}

/// What stands in front of a service; request-service needs it too, since visitors come through the same proxies.
#[derive(Args, Debug, Clone, Default)]
#[command(next_help_heading = "API")]
pub struct ProxySettings {
    /// Addresses or blocks of proxies whose forwarding headers are believed, separated by commas
    #[arg(long, env = "SHIPSTACK_TRUSTED_PROXIES", default_value = "", value_name = "NETWORKS")]
    pub trusted_proxies: CommaList<Network>,
}

/// The port that platforms hand to a program they start.
#[derive(Args, Debug, Clone, Copy, Default)]
pub struct PortOverride {
    /// Port to listen on instead of the address's own (of the API with `up`)
    #[arg(long, env = "PORT", value_name = "PORT")]
    pub port: Option<u16>,
}

impl PortOverride {
    /// The address with the port changed, if one was given.
    pub fn applied_to(self, mut addr: SocketAddr) -> SocketAddr {
        addr.set_port(self.port.unwrap_or(addr.port()));
        addr
    }
}

pub(super) fn web_url(text: &str) -> Result<Url, BadValue> {
    let url = Url::parse(text).ok().filter(|url| matches!(url.scheme(), "http" | "https") && url.has_host());
    url.ok_or_else(|| BadValue::new("it has to be an http or https address"))
}

/// A token has to fit in an `Authorization` header. The complaint does not repeat it.
fn token(text: &str) -> Result<Secret, BadValue> {
    let fits = (1..=4096).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_graphic());
    if fits {
        Ok(Secret::from(text))
    } else {
        Err(BadValue::new("it has to be visible ASCII without spaces"))
    }
}
