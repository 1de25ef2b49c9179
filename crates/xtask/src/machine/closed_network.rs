//! What builds need to know on a network that is not the open internet.
//!
//! There the package registry may resolve to an address that is not public, which the egress proxy refuses unless it is
//! exempt, and TLS may be intercepted. Which registry and which certificates is read from the clients' own settings.

use std::net::{IpAddr, ToSocketAddrs as _};
use std::path::Path;

use shipstack_types::is_public;
use url::Url;

use crate::process;

const ALLOW: &str = "SHIPSTACK_EGRESS_ALLOW_PRIVATE_HOSTS";
const REGISTRY: &str = "SHIPSTACK_BUILD_REGISTRY";
const CA_FILE: &str = "SHIPSTACK_BUILD_CA_FILE";

/// Settings that make builds work here; empty on an open network. What the operator set already stays.
pub(crate) async fn closed_network_settings() -> Vec<(&'static str, String)> {
    let mut settings = Vec::new();
    if let Some(registry) = npm_registry().await.filter(resolves_to_non_public) {
        settings.push((ALLOW, registry.host_str().unwrap_or_default().to_owned()));
        settings.push((REGISTRY, registry.to_string()));
    }
    settings.extend(ca_file().map(|file| (CA_FILE, file)));
    settings.retain(|(name, _)| std::env::var_os(name).is_none_or(|value| value.is_empty()));
    settings
}

async fn npm_registry() -> Option<Url> {
    let answer = process::output(&mut process::command("npm", &["config", "get", "registry"])).await.ok()?;
    answer.trim().parse().ok()
}

fn resolves_to_non_public(registry: &Url) -> bool {
    let host = registry.host_str().unwrap_or_default();
    let port = registry.port_or_known_default().unwrap_or(443);
    let addresses = (host, port).to_socket_addrs().into_iter().flatten();
    addresses.map(|address| address.ip()).any(|address: IpAddr| !is_public(address))
}

/// The bundle that Node or OpenSSL were told to trust.
fn ca_file() -> Option<String> {
    let named = ["NODE_EXTRA_CA_CERTS", "SSL_CERT_FILE"].into_iter().filter_map(std::env::var_os);
    named.filter_map(|file| file.into_string().ok()).find(|file| Path::new(file).is_file())
}
