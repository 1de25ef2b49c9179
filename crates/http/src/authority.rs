//! The host a request is for, parsed strictly.
//!
//! actix hands malformed `Host` values to handlers, falls back to the bind address when the value is not ASCII, and its
//! `connection_info` believes forwarding headers from anyone. So the host is read here and nowhere else.

use std::fmt;
use std::net::{IpAddr, Ipv6Addr};
use std::str::FromStr;

use actix_web::HttpRequest;
use actix_web::http::header::{self, HeaderName};
use shipstack_settings::Network;

const FORWARDED_HOST: HeaderName = HeaderName::from_static("x-forwarded-host");

/// A host name or an address.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum Host {
    /// A DNS name in lower case, without a trailing dot.
    Name(String),
    /// An address.
    Ip(IpAddr),
}

/// `host[:port]`, as in the `Host` header.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Authority {
    /// The host.
    pub host: Host,
    /// The port, where one is named.
    pub port: Option<u16>,
}

/// The request names no host that can be understood. RFC 9112 §3.2 wants 400 for it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum BadHost {
    /// Not exactly one `Host`.
    #[error("the request has to have exactly one Host header")]
    Count,
    /// It is no `host[:port]`.
    #[error("the Host header is not host[:port]")]
    Malformed,
    /// The request line names another host.
    #[error("the Host header and the request line name different hosts")]
    Disagree,
}

impl FromStr for Authority {
    type Err = BadHost;

    fn from_str(text: &str) -> Result<Self, BadHost> {
        let (host, port) = split_port(text)?;
        let port = port.map(parse_port).transpose()?;
        Ok(Self { host: parse_host(host)?, port })
    }
}

fn split_port(text: &str) -> Result<(&str, Option<&str>), BadHost> {
    if let Some(rest) = text.strip_prefix('[') {
        let (_, after) = rest.split_once(']').ok_or(BadHost::Malformed)?;
        let host = text.strip_suffix(after).unwrap_or(text);
        let port = after.strip_prefix(':');
        return if after.is_empty() || port.is_some() { Ok((host, port)) } else { Err(BadHost::Malformed) };
    }
    Ok(text.split_once(':').map_or((text, None), |(host, port)| (host, Some(port))))
}

fn parse_port(text: &str) -> Result<u16, BadHost> {
    let digits = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    text.parse().ok().filter(|_| digits).ok_or(BadHost::Malformed)
}

fn parse_host(text: &str) -> Result<Host, BadHost> {
    if let Some(inner) = text.strip_prefix('[').and_then(|rest| rest.strip_suffix(']')) {
        let address: Ipv6Addr = inner.parse().map_err(|_| BadHost::Malformed)?;
        return Ok(Host::Ip(address.into()));
    }
    let name = text.strip_suffix('.').unwrap_or(text).to_ascii_lowercase();
    if let Ok(address) = name.parse() {
        return Ok(Host::Ip(IpAddr::V4(address)));
    }
    let last = name.rsplit('.').next().unwrap_or_default();
    // A name whose last label is a number is an address to somebody: `127.1`, `0x7f.1`.
    let number = last.bytes().all(|byte| byte.is_ascii_digit()) || last.starts_with("0x");
    if name.len() > 253 || number || !name.split('.').all(is_label) {
        return Err(BadHost::Malformed);
    }
    Ok(Host::Name(name))
}

/// Underscores are legal in the DNS, though in no host name of ours.
fn is_label(label: &str) -> bool {
    let legal = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'_';
    (1..=63).contains(&label.len())
        && label.bytes().all(legal)
        && !label.starts_with('-')
        && !label.ends_with('-')
}

impl Authority {
    /// The port, or the one that the scheme implies.
    pub fn port_or(&self, scheme_port: u16) -> u16 {
        self.port.unwrap_or(scheme_port)
    }
}

impl fmt::Display for Authority {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.host.fmt(f)?;
        self.port.map_or(Ok(()), |port| write!(f, ":{port}"))
    }
}

impl fmt::Display for Host {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Name(name) => f.write_str(name),
            Self::Ip(IpAddr::V4(address)) => address.fmt(f),
            Self::Ip(IpAddr::V6(address)) => write!(f, "[{address}]"),
        }
    }
}

/// The host that a request is for: its one `Host` header, which an absolute-form request line may not contradict.
/// `X-Forwarded-Host` is believed instead when the peer is one of the trusted proxies.
pub fn request_authority(request: &HttpRequest, trusted: &[Network]) -> Result<Authority, BadHost> {
    let own = single(request, &header::HOST)?.ok_or(BadHost::Count)?;
    agrees_with_line(request, &own)?;
    let peer = request.peer_addr().map(|peer| peer.ip());
    let behind_proxy = peer.is_some_and(|peer| trusted.iter().any(|network| network.contains(peer)));
    let forwarded = if behind_proxy { single(request, &FORWARDED_HOST)? } else { None };
    Ok(forwarded.unwrap_or(own))
}

fn single(request: &HttpRequest, name: &HeaderName) -> Result<Option<Authority>, BadHost> {
    let mut values = request.headers().get_all(name);
    let first = values.next();
    if values.next().is_some() {
        return Err(BadHost::Count);
    }
    let text = first.map(|value| value.to_str().map_err(|_| BadHost::Malformed)).transpose()?;
    text.map(str::parse).transpose()
}

fn agrees_with_line(request: &HttpRequest, own: &Authority) -> Result<(), BadHost> {
    let Some(authority) = request.uri().authority() else { return Ok(()) };
    let line: Authority = authority.as_str().parse()?;
    let scheme_port = if request.uri().scheme_str() == Some("https") { 443 } else { 80 };
    let same = line.host == own.host && line.port_or(scheme_port) == own.port_or(scheme_port);
    if same { Ok(()) } else { Err(BadHost::Disagree) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_host_is_the_same_in_every_spelling() {
        for (text, printed) in [
            ("ABC.Example.COM.:8080", "abc.example.com:8080"),
            ("localhost", "localhost"),
            ("_x.localhost", "_x.localhost"),
            ("127.0.0.1:3002", "127.0.0.1:3002"),
            ("[::1]:3002", "[::1]:3002"),
            ("[::1]", "[::1]"),
        ] {
            assert_eq!(text.parse::<Authority>().unwrap().to_string(), printed);
        }
    }

    #[test]
    fn what_is_no_host_is_refused_and_never_repaired() {
        let long = format!("{}.localhost", "a".repeat(300));
        for text in [
            "",
            ".",
            ":80",
            "a.example@evil",
            "a b",
            "a, b",
            "a/../x",
            "a:99999",
            "a:",
            "a:+80",
            "a:8o",
            "[::1",
            "::1",
            "[::1]x",
            "[::1]:",
            "[127.0.0.1]",
            "a..b",
            "-a.b",
            "a-.b",
            "é.example",
            "a\0b",
            "a\tb",
            "127.1",
            "0x7f.1",
            "2130706433",
            "a.b..",
            &long,
        ] {
            assert!(text.parse::<Authority>().is_err(), "{text:?}");
        }
    }
}
