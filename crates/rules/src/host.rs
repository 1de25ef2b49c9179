//! contract §3, §7: what a host name names.
//!
//! The name comes from the strict parser of the HTTP edge (`shipstack-http`): lower case, without port and trailing dot, or an
//! address. Forwarding headers are nothing that this crate knows of.

use shipstack_types::DeploymentId;
use std::net::IpAddr;

/// The label that is the bare domain again (contract §3) and never a deployment.
const WWW: &str = "www";
/// Resolved to the machine itself by every browser, and the default domain.
const LOCALHOST: &str = "localhost";

/// What a host names.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Host {
    /// The serving domain itself, its `www.`, or `localhost`.
    Bare,
    /// A deployment's own host.
    Deployment(DeploymentId),
    /// An IP address.
    Address(IpAddr),
    /// A well-formed name that is not ours.
    Unknown,
}

impl Host {
    /// What a name means under the serving domain; both in lower case, without a trailing dot.
    #[must_use]
    pub fn of_name(name: &str, domain: &str) -> Self {
        if name == domain || name == LOCALHOST {
            return Self::Bare;
        }
        let label = name.strip_suffix(domain).and_then(|rest| rest.strip_suffix('.'));
        match label {
            Some(WWW) => Self::Bare,
            // One label, and one that can be a host: `a.b`, `_x` and `xn--…` are nobody's.
            Some(label) => Self::of_label(label).unwrap_or(Self::Unknown),
            None => Self::Unknown,
        }
    }

    fn of_label(label: &str) -> Option<Self> {
        let id: DeploymentId = label.parse().ok()?;
        id.is_dns_label().then_some(Self::Deployment(id))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn a_name_is_the_bare_domain_a_deployment_or_nothing_of_ours() {
        let id = |text: &str| Host::Deployment(text.parse().unwrap());
        for (name, want) in [
            ("example.com", Host::Bare),
            ("www.example.com", Host::Bare),
            ("localhost", Host::Bare),
            ("abc.example.com", id("abc")),
            ("abc-extra.example.com", id("abc-extra")),
            ("a.b.example.com", Host::Unknown),
            ("www.abc.example.com", Host::Unknown),
            ("_x.example.com", Host::Unknown),
            ("xn--abc.example.com", Host::Unknown),
            ("evilexample.com", Host::Unknown),
            (".example.com", Host::Unknown),
            ("example.com.evil.org", Host::Unknown),
            ("abc.localhost", Host::Unknown),
            ("example.org", Host::Unknown),
            ("com", Host::Unknown),
            ("", Host::Unknown),
        ] {
            assert_eq!(Host::of_name(name, "example.com"), want, "{name}");
        }
        assert_eq!(Host::of_name("a.localhost", "localhost"), id("a"));
        assert_eq!(Host::of_name("www.localhost", "localhost"), Host::Bare);
    }

    proptest! {
        #[test]
        fn only_a_single_host_label_can_be_a_deployment(name in "[a-zA-Z0-9._-]{0,40}") {
            if let Host::Deployment(id) = Host::of_name(&format!("{name}.example.com"), "example.com") {
                prop_assert!(id.is_dns_label());
                prop_assert_eq!(id.as_str(), name);
            }
        }
    }
}
