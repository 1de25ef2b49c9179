//! contract §3, §7: from a `Host` header to what it names. Strict, because everything hangs on it: what is no host name is
//! refused and never repaired, and forwarding headers are not looked at here at all.

use shipstack_types::DeploymentId;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

/// Longest host name and longest label, in bytes (RFC 1035 §2.3.4).
const MAX_NAME: usize = 253;
const MAX_LABEL: usize = 63;
/// The labels that are the bare domain (contract §3) and never a deployment.
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

/// The `Host` header is no host: 400.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct BadHost;

/// Parses a `Host` header against the serving domain, which is given in lower case without a trailing dot. Gives the port
/// too, where there is one.
pub fn parse_host(raw: &str, domain: &str) -> Result<(Host, Option<u16>), BadHost> {
    let (name, port) = split_port(raw)?;
    if let Some(address) = name.strip_prefix('[') {
        let address: Ipv6Addr = address.strip_suffix(']').ok_or(BadHost)?.parse().map_err(|_| BadHost)?;
        return Ok((Host::Address(address.into()), port));
    }
    let name = name.strip_suffix('.').unwrap_or(name).to_ascii_lowercase();
    check_name(&name)?;
    Ok((named(&name, domain), port))
}

fn split_port(raw: &str) -> Result<(&str, Option<u16>), BadHost> {
    let name_end = if raw.starts_with('[') {
        raw.find(']').ok_or(BadHost)? + 1
    } else {
        raw.find(':').unwrap_or(raw.len())
    };
    let (name, rest) = raw.split_at_checked(name_end).ok_or(BadHost)?;
    let Some(digits) = rest.strip_prefix(':') else {
        return if rest.is_empty() { Ok((name, None)) } else { Err(BadHost) };
    };
    let is_number = !digits.is_empty() && digits.bytes().all(|b| b.is_ascii_digit());
    let port = is_number.then(|| digits.parse().ok()).flatten().ok_or(BadHost)?;
    Ok((name, Some(port)))
}

fn check_name(name: &str) -> Result<(), BadHost> {
    let legal = |b: u8| b.is_ascii_alphanumeric() || b == b'-' || b == b'_';
    let is_label = |label: &str| {
        (1..=MAX_LABEL).contains(&label.len())
            && label.bytes().all(legal)
            && !label.starts_with('-')
            && !label.ends_with('-')
    };
    if name.len() > MAX_NAME || !name.split('.').all(is_label) { Err(BadHost) } else { Ok(()) }
}

fn named(name: &str, domain: &str) -> Host {
    if name == domain || name == LOCALHOST {
        return Host::Bare;
    }
    if let Ok(address) = name.parse::<Ipv4Addr>() {
        return Host::Address(address.into());
    }
    let label = name.strip_suffix(domain).and_then(|rest| rest.strip_suffix('.'));
    match label {
        Some(WWW) => Host::Bare,
        Some(label) => {
            label.parse().ok().filter(DeploymentId::is_dns_label).map_or(Host::Unknown, Host::Deployment)
        }
        None => Host::Unknown,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn host(raw: &str) -> Result<Host, BadHost> {
        parse_host(raw, "example.com").map(|(host, _)| host)
    }

    #[test]
    fn a_host_names_the_bare_domain_a_deployment_an_address_or_nothing_of_ours() {
        let id = |text: &str| Host::Deployment(text.parse().unwrap());
        for (raw, want) in [
            ("example.com", Host::Bare),
            ("www.example.com", Host::Bare),
            ("localhost:3001", Host::Bare),
            ("abc.example.com", id("abc")),
            ("ABC.Example.COM.:8080", id("abc")),
            ("abc-extra.example.com", id("abc-extra")),
            ("a.b.example.com", Host::Unknown),
            ("_x.example.com", Host::Unknown),
            ("xn--abc.example.com", Host::Unknown),
            ("evilexample.com", Host::Unknown),
            ("example.com.evil.org", Host::Unknown),
            ("example.org", Host::Unknown),
            ("127.0.0.1:3001", Host::Address([127, 0, 0, 1].into())),
            ("[::1]:3001", Host::Address(IpAddr::V6(Ipv6Addr::LOCALHOST))),
            ("[::1]", Host::Address(IpAddr::V6(Ipv6Addr::LOCALHOST))),
        ] {
            assert_eq!(host(raw), Ok(want), "{raw}");
        }
        assert_eq!(parse_host("a.localhost:3001", "localhost"), Ok((id("a"), Some(3001))));
        assert_eq!(parse_host("www.localhost", "localhost"), Ok((Host::Bare, None)));
    }

    /// hostile.md rows 196 and 197.
    #[test]
    fn what_is_no_host_is_refused() {
        let long = format!("{}.example.com", "a".repeat(300));
        let endless = format!("{}example.com", "a.".repeat(150));
        for raw in [
            "a.example@evil",
            "a b",
            "a, b",
            "a/../x",
            "",
            "a:99999",
            "a:",
            "[::1",
            "[::1]x",
            "[::1]:",
            "[fe80::1%25eth0]",
            ".",
            "..",
            "a..b",
            "-a.b",
            "a-.b",
            "a\0b",
            "é.example",
            "a:80:80",
            "a:+80",
            "a:-1",
            ":80",
            "a\r\nb",
            "a\\b",
            "a.example.com..",
            &long,
            &endless,
        ] {
            assert_eq!(host(raw), Err(BadHost), "{raw:?}");
        }
    }

    proptest! {
        #[test]
        fn case_trailing_dot_and_port_never_change_the_deployment(label in "[a-z0-9]([a-z0-9-]{0,20}[a-z0-9])?", port: u16) {
            prop_assume!(label != "www" && !label.starts_with("xn--"));
            let plain = host(&format!("{label}.example.com"));
            prop_assert!(matches!(plain, Ok(Host::Deployment(_))));
            prop_assert_eq!(host(&format!("{}.EXAMPLE.com.:{port}", label.to_uppercase())), plain);
        }

        #[test]
        fn any_text_is_a_host_or_refused(raw in "\\PC{0,80}") {
            if let Ok(Host::Deployment(id)) = host(&raw) {
                prop_assert!(id.is_dns_label());
            }
        }
    }
}
