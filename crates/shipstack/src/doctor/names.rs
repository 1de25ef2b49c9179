//! Where the names of sites lead: each deployment has a host of its own under the domain.

use std::net::{IpAddr, ToSocketAddrs as _};
use std::time::Duration;

use shipstack_http::Check;
use shipstack_settings::EverySetting;

/// A resolver that takes longer is as good as none.
const PATIENCE: Duration = Duration::from_secs(5);
/// A name that nobody has, as the id of a deployment would stand there.
const SOME_SITE: &str = "shipstack-doctor";
/// Browsers resolve names under it by themselves (RFC 6761).
const LOCAL: &str = "localhost";

pub(super) async fn check(settings: &EverySetting) -> Check {
    let domain = settings.site.domain.as_str();
    let host = format!("{SOME_SITE}.{domain}");
    judge(domain, &host, &look_up(host.clone()).await)
}

/// No address for a name that is not known, and for a resolver that is silent.
async fn look_up(host: String) -> Vec<IpAddr> {
    let asked = tokio::task::spawn_blocking(move || {
        let addresses = (host.as_str(), 80).to_socket_addrs();
        addresses.map(|found| found.map(|address| address.ip()).collect()).unwrap_or_default()
    });
    tokio::time::timeout(PATIENCE, asked).await.ok().and_then(Result::ok).unwrap_or_default()
}

fn judge(domain: &str, host: &str, found: &[IpAddr]) -> Check {
    let shown = found.iter().map(ToString::to_string).collect::<Vec<_>>().join(", ");
    match found {
        [] if domain == LOCAL => Check::advice(
            "site names",
            format!("{host} is not resolved by this system; browsers do it by themselves"),
            "For other programs send the Host header to 127.0.0.1, or let the resolver know *.localhost (systemd-resolved, \
             nss-myhostname).",
        ),
        [] => Check::broken(
            "site names",
            format!("{host} does not resolve"),
            format!("Add a wildcard record *.{domain} that leads here, or correct SHIPSTACK_DOMAIN."),
        ),
        found if domain == LOCAL && !found.iter().all(IpAddr::is_loopback) => Check::broken(
            "site names",
            format!("{host} leads to {shown} and not to this machine"),
            "Let the resolver answer *.localhost with 127.0.0.1 (RFC 6761), or choose another SHIPSTACK_DOMAIN.",
        ),
        _ => Check::ok("site names", format!("{host} is {shown}")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_that_lead_nowhere_or_elsewhere_are_told_with_their_fix() {
        let (loopback, elsewhere): (IpAddr, IpAddr) =
            ("127.0.0.1".parse().unwrap(), "192.0.2.1".parse().unwrap());
        assert!(judge(LOCAL, "x.localhost", &[loopback]).remedy.is_none());
        let unknown = judge(LOCAL, "x.localhost", &[]);
        assert!(unknown.ok && unknown.remedy.is_some(), "browsers need no resolver for it");
        let hijacked = judge(LOCAL, "x.localhost", &[loopback, elsewhere]);
        assert!(!hijacked.ok && hijacked.detail.contains("192.0.2.1"), "{hijacked:?}");
        let missing = judge("sites.example", "x.sites.example", &[]);
        assert!(!missing.ok && missing.remedy.unwrap().contains("*.sites.example"));
        assert!(judge("sites.example", "x.sites.example", &[elsewhere]).remedy.is_none());
    }
}
