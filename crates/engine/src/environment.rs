//! The environment of a command: what the plan names, where tools and caches are, and the way to the network.
//!
//! Nothing of the worker's own environment gets in.

use crate::sandbox::Toolchain;
use crate::spec::WORKSPACE;
use shipstack_egress::wire::PORT;
use std::collections::BTreeMap;
use std::net::IpAddr;

/// Name of the CA bundle in the workspace.
pub(crate) const CA_NAME: &str = "ca.crt";

/// What all commands of one sandbox share.
#[derive(Debug)]
pub(crate) struct Surroundings<'a> {
    pub(crate) toolchain: &'a Toolchain,
    pub(crate) proxy: Option<IpAddr>,
    /// No network at all; without a proxy there may still be the engine's own.
    pub(crate) is_cut_off: bool,
    pub(crate) has_ca: bool,
    pub(crate) registry: Option<&'a str>,
}

/// `NAME=value` of everything; what the plan names wins over all but the network and the certificates.
pub(crate) fn environment(around: &Surroundings<'_>, plan: &[(String, String)]) -> Vec<String> {
    let mut variables = base(around.toolchain);
    if let Some(registry) = around.registry {
        variables.extend(registry_variables(registry));
    }
    if around.is_cut_off {
        variables.extend(no_second_try());
    }
    variables.extend(plan.iter().cloned());
    if let Some(address) = around.proxy {
        variables.extend(proxy_variables(address));
    }
    if around.has_ca {
        variables.extend(ca_variables(around.toolchain));
    }
    variables.into_iter().map(|(name, value)| format!("{name}={value}")).collect()
}

fn base(toolchain: &Toolchain) -> BTreeMap<String, String> {
    let home = format!("{WORKSPACE}/home");
    owned([
        ("PATH", path(toolchain)),
        ("HOME", home.clone()),
        ("TMPDIR", format!("{WORKSPACE}/tmp")),
        ("XDG_CACHE_HOME", format!("{home}/.cache")),
        ("USER", "node".to_owned()),
        ("SHELL", "/bin/sh".to_owned()),
        ("LANG", "C.UTF-8".to_owned()),
        // Node 20.11 and newer; its proxy support is what we rely on, and every process would say that it is new.
        ("NODE_OPTIONS", "--disable-warning=UNDICI-EHPA".to_owned()),
    ])
    .collect()
}

/// The chosen majors first; the folders are where the image has them (`deploy/builder/versions`).
fn path(toolchain: &Toolchain) -> String {
    let manager = toolchain.package_manager.as_ref().filter(|manager| manager.name != "npm");
    let manager = manager.map(|manager| format!("/opt/{}/{}/bin", manager.name, manager.major));
    let node = Some(format!("/opt/node/{}/bin", toolchain.node));
    let defaults =
        ["/opt/pnpm/10/bin", "/opt/yarn/1/bin", "/opt/bun/1/bin", "/usr/local/bin", "/usr/bin", "/bin"];
    manager.into_iter().chain(node).chain(defaults.map(str::to_owned)).collect::<Vec<_>>().join(":")
}

/// Where nothing can be reached, trying again only delays the failure (npm's own count is 70 seconds of silence). pnpm reads
/// npm's variable; yarn 1 has none.
fn no_second_try() -> impl Iterator<Item = (String, String)> {
    let names = ["npm_config_fetch_retries", "YARN_HTTP_RETRY", "BUN_CONFIG_HTTP_RETRY_COUNT"];
    names.into_iter().map(|name| (name.to_owned(), "0".to_owned()))
}

/// By address, for a build has no DNS. Each tool reads another spelling.
fn proxy_variables(address: IpAddr) -> impl Iterator<Item = (String, String)> {
    let url = format!("http://{}", std::net::SocketAddr::new(address, PORT));
    let local = "localhost,127.0.0.1,::1".to_owned();
    owned([
        ("HTTP_PROXY", url.clone()),
        ("HTTPS_PROXY", url.clone()),
        ("http_proxy", url.clone()),
        ("https_proxy", url.clone()),
        ("NO_PROXY", local.clone()),
        ("no_proxy", local),
        ("NODE_USE_ENV_PROXY", "1".to_owned()),
        ("YARN_HTTP_PROXY", url.clone()),
        ("YARN_HTTPS_PROXY", url),
    ])
}

fn ca_variables(toolchain: &Toolchain) -> impl Iterator<Item = (String, String)> {
    let file = format!("{WORKSPACE}/{CA_NAME}");
    let names = [
        "NODE_EXTRA_CA_CERTS",
        "SSL_CERT_FILE",
        "GIT_SSL_CAINFO",
        "CURL_CA_BUNDLE",
        "npm_config_cafile",
        yarn_ca_variable(toolchain),
    ];
    names.into_iter().map(move |name| (name.to_owned(), file.clone()))
}

/// Yarn berry renamed its setting in 4.0, and refuses to start on one that it does not know.
fn yarn_ca_variable(toolchain: &Toolchain) -> &'static str {
    match &toolchain.package_manager {
        Some(manager) if manager.name == "yarn" && manager.major < 4 => "YARN_CA_FILE_PATH",
        _ => "YARN_HTTPS_CA_FILE_PATH",
    }
}

fn registry_variables(registry: &str) -> impl Iterator<Item = (String, String)> {
    let names = ["npm_config_registry", "YARN_REGISTRY", "YARN_NPM_REGISTRY_SERVER", "BUN_CONFIG_REGISTRY"];
    let berry = registry.trim_end_matches('/').to_owned();
    // Yarn berry refuses plain HTTP unless the host is named.
    let plain = registry
        .strip_prefix("http://")
        .map(|rest| rest.split(['/', ':']).next().unwrap_or_default().to_owned());
    let unsafe_host = plain.map(|host| ("YARN_UNSAFE_HTTP_WHITELIST".to_owned(), host));
    names.into_iter().map(move |name| (name.to_owned(), berry.clone())).chain(unsafe_host)
}

fn owned<const N: usize>(pairs: [(&str, String); N]) -> impl Iterator<Item = (String, String)> {
    pairs.map(|(name, value)| (name.to_owned(), value)).into_iter()
}

#[cfg(test)]
mod tests {
    use super::*;
    use shipstack_types::PackageManager;

    fn variables(plan: &[(&str, &str)]) -> Vec<String> {
        on_network(Some("172.18.0.3"), plan)
    }

    /// Without an address: no network.
    fn on_network(proxy: Option<&str>, plan: &[(&str, &str)]) -> Vec<String> {
        let manager = PackageManager { name: "pnpm".to_owned(), major: 9 };
        let toolchain = Toolchain { node: 20, package_manager: Some(manager) };
        let around = Surroundings {
            toolchain: &toolchain,
            proxy: proxy.map(|address| address.parse().unwrap()),
            is_cut_off: proxy.is_none(),
            has_ca: true,
            registry: Some("http://mirror.example:4873/"),
        };
        let plan: Vec<_> =
            plan.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
        environment(&around, &plan)
    }

    #[test]
    fn the_plan_wins_over_defaults_but_not_over_the_way_to_the_network() {
        let variables = variables(&[("LANG", "de"), ("HTTPS_PROXY", "http://evil"), ("A", "x\ny")]);
        for expected in ["LANG=de", "HTTPS_PROXY=http://172.18.0.3:3128", "A=x\ny", "NODE_USE_ENV_PROXY=1"] {
            assert!(variables.iter().any(|variable| variable == expected), "{expected} in {variables:?}");
        }
    }

    #[test]
    fn without_a_network_nothing_is_tried_twice_unless_the_plan_wants_it() {
        let tries = |variables: Vec<String>| {
            let about = ["npm_config_fetch_retries=", "YARN_HTTP_RETRY=", "BUN_CONFIG_HTTP_RETRY_COUNT="];
            let is_about = |variable: &String| about.iter().any(|name| variable.starts_with(name));
            variables.into_iter().filter(is_about).collect::<Vec<_>>()
        };
        let once = ["BUN_CONFIG_HTTP_RETRY_COUNT=0", "YARN_HTTP_RETRY=0", "npm_config_fetch_retries=0"];
        assert_eq!(tries(on_network(None, &[])), once);
        assert!(tries(variables(&[])).is_empty());
        let wanted = tries(on_network(None, &[("npm_config_fetch_retries", "5")]));
        assert!(wanted.contains(&"npm_config_fetch_retries=5".to_owned()), "{wanted:?}");
    }

    #[test]
    fn tools_caches_registry_and_certificates_are_where_each_tool_looks() {
        let variables = variables(&[]);
        for expected in [
            "PATH=/opt/pnpm/9/bin:/opt/node/20/bin:/opt/pnpm/10/bin:/opt/yarn/1/bin:/opt/bun/1/bin:/usr/local/bin:/usr/bin:/bin",
            "HOME=/workspace/home",
            "TMPDIR=/workspace/tmp",
            "YARN_UNSAFE_HTTP_WHITELIST=mirror.example",
            "npm_config_registry=http://mirror.example:4873",
            "NODE_EXTRA_CA_CERTS=/workspace/ca.crt",
        ] {
            assert!(variables.iter().any(|variable| variable == expected), "{expected} in {variables:?}");
        }
    }
}
