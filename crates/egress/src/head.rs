//! Reads and parses the head of a request, under a cap and a deadline.
//!
//! Guarantees: nothing larger than [`MAX_HEAD_BYTES`] is ever held; a head with a bare CR or LF, or with a control
//! character, is refused and not repaired, for what one side skips the other may read as a second request.

use crate::refusal::Refusal;
use std::time::Duration;
use tokio::io::{AsyncRead, AsyncReadExt};

/// Largest head of a request, in bytes. nginx and Node take 8 to 16 KiB.
pub const MAX_HEAD_BYTES: usize = 16 * 1024;

/// A request as far as a proxy must understand it.
#[derive(Debug, PartialEq, Eq)]
pub struct Request {
    /// Host in lower case, without brackets.
    pub host: String,
    /// Port, given or 80.
    pub port: u16,
    /// `None` for CONNECT; for plain HTTP the head to send upstream.
    pub forward: Option<String>,
}

/// Reads up to the empty line; returns the head without it and the bytes that came after.
pub async fn read_head<R>(from: &mut R, within: Duration) -> Result<(String, Vec<u8>), Refusal>
where
    R: AsyncRead + Unpin,
{
    tokio::time::timeout(within, read_to_empty_line(from)).await.unwrap_or(Err(Refusal::Slow))
}

async fn read_to_empty_line<R: AsyncRead + Unpin>(from: &mut R) -> Result<(String, Vec<u8>), Refusal> {
    let mut bytes = Vec::with_capacity(1024);
    loop {
        if let Some(end) = bytes.windows(4).position(|four| four == b"\r\n\r\n") {
            let rest = bytes.split_off(end + 4);
            bytes.truncate(end);
            return String::from_utf8(bytes).map(|head| (head, rest)).map_err(|_| Refusal::Malformed);
        }
        if bytes.len() >= MAX_HEAD_BYTES {
            return Err(Refusal::HeadTooLarge);
        }
        if from.read_buf(&mut bytes).await.unwrap_or(0) == 0 {
            return Err(Refusal::Malformed);
        }
    }
}

/// Parses a head that [`read_head`] returned.
pub fn parse_head(head: &str) -> Result<Request, Refusal> {
    let mut lines = head.split("\r\n");
    let request_line = lines.next().unwrap_or_default();
    let headers: Vec<&str> = lines.collect();
    if head.split("\r\n").any(|line| line.chars().any(|c| c.is_control() && c != '\t')) {
        return Err(Refusal::Malformed);
    }
    let mut words = request_line.split(' ');
    let (Some(method), Some(target), Some("HTTP/1.1" | "HTTP/1.0"), None) =
        (words.next(), words.next(), words.next(), words.next())
    else {
        return Err(Refusal::Malformed);
    };
    if !is_token(method) || target.contains(char::is_whitespace) || !headers.iter().all(is_header) {
        return Err(Refusal::Malformed);
    }
    if method == "CONNECT" {
        let (host, port) = split_authority(target)?;
        return Ok(Request { host, port: port.ok_or(Refusal::Malformed)?, forward: None });
    }
    parse_plain(method, target, &headers)
}

fn parse_plain(method: &str, target: &str, headers: &[&str]) -> Result<Request, Refusal> {
    let rest = target.strip_prefix("http://").ok_or(Refusal::Malformed)?;
    let end = rest.find(['/', '?']).unwrap_or(rest.len());
    let (authority, path) = rest.split_at(end);
    let (host, port) = split_authority(authority)?;
    let slash = if path.starts_with('/') { "" } else { "/" };
    // One request a connection: what follows is a body, and a second request could name another host.
    let mut forward =
        format!("{method} {slash}{path} HTTP/1.1\r\nHost: {authority}\r\nConnection: close\r\n");
    for header in headers.iter().filter(|header| is_end_to_end(header)) {
        forward.push_str(header);
        forward.push_str("\r\n");
    }
    forward.push_str("\r\n");
    Ok(Request { host, port: port.unwrap_or(80), forward: Some(forward) })
}

/// `name: value`. A folded line, a space before the colon or a line without one mean something else to every reader
/// (RFC 9112 §5.1, §5.2), and what one side skips the other may take for a `Host`.
fn is_header(line: &&str) -> bool {
    line.split_once(':').is_some_and(|(name, _)| is_token(name))
}

/// RFC 9110 §5.6.2.
fn is_token(text: &str) -> bool {
    let legal = |byte: u8| byte.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(&byte);
    !text.is_empty() && text.bytes().all(legal)
}

/// Whether a header goes on to the server. `Host` is ours: it must agree with the target.
fn is_end_to_end(header: &str) -> bool {
    let name = header.split(':').next().unwrap_or_default().trim().to_ascii_lowercase();
    let hop = ["host", "connection", "keep-alive", "upgrade", "te", "trailer"];
    !name.starts_with("proxy-") && !hop.contains(&name.as_str())
}

fn split_authority(authority: &str) -> Result<(String, Option<u16>), Refusal> {
    let (host, port) = match authority.rsplit_once(':') {
        Some((host, port)) if !port.ends_with(']') => (host, Some(parse_port(port)?)),
        _ => (authority, None),
    };
    let bare = match host.strip_prefix('[') {
        Some(inner) => inner.strip_suffix(']').ok_or(Refusal::Malformed)?,
        None if host.contains(':') => return Err(Refusal::Malformed),
        None => host,
    };
    let legal = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '-' | '_' | ':');
    let bare = bare.trim_end_matches('.').to_ascii_lowercase();
    // 253 is the longest name DNS can carry.
    if bare.is_empty() || bare.len() > 253 || bare.starts_with('-') || !bare.chars().all(legal) {
        return Err(Refusal::Malformed);
    }
    Ok((bare, port))
}

/// Digits only: `parse` alone would take a sign.
fn parse_port(text: &str) -> Result<u16, Refusal> {
    let port = if text.bytes().all(|b| b.is_ascii_digit()) { text.parse().ok() } else { None };
    port.filter(|port| *port != 0).ok_or(Refusal::Malformed)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_tunnel_names_host_and_port() {
        let request = parse_head("CONNECT Registry.Example.:443 HTTP/1.1\r\nHost: x").unwrap();
        assert_eq!(request, Request { host: "registry.example".into(), port: 443, forward: None });
        assert_eq!(parse_head("CONNECT [::1]:443 HTTP/1.1").unwrap().host, "::1");
    }

    #[test]
    fn a_plain_request_goes_on_in_origin_form_with_the_host_of_its_target() {
        let head = "GET http://a.example:8080?x=1 HTTP/1.1\r\nHost: metadata.internal\r\nAccept: */*\r\n\
                    Proxy-Authorization: Basic eA==\r\nConnection: keep-alive";
        let forward = parse_head(head).unwrap().forward.unwrap();
        assert_eq!(
            forward,
            "GET /?x=1 HTTP/1.1\r\nHost: a.example:8080\r\nConnection: close\r\nAccept: */*\r\n\r\n"
        );
    }

    #[test]
    fn what_is_no_proxy_request_is_refused() {
        for head in [
            "",
            "GET / HTTP/1.1\r\nHost: a",
            "GET https://a.example/ HTTP/1.1",
            "CONNECT a.example HTTP/1.1",
            "CONNECT a.example:0 HTTP/1.1",
            "CONNECT a.example:+443 HTTP/1.1",
            "CONNECT a.example:65536 HTTP/1.1",
            "CONNECT u@a.example:443 HTTP/1.1",
            "CONNECT ::1:443 HTTP/1.1",
            "CONNECT [::1:443 HTTP/1.1",
            "CONNECT a.example:443  HTTP/1.1",
            "CONNECT a.example:443 HTTP/2",
            "CONNECT -a:443 HTTP/1.1",
            "GET http://a.example/ HTTP/1.1\r\nX: a\nHost: b",
            "GET http://a.example/\0 HTTP/1.1",
            "GET http://ünï.example/ HTTP/1.1",
            "GET http://a.example/\tHTTP/1.1 HTTP/1.1",
            "G\tET http://a.example/ HTTP/1.1",
            " http://a.example/ HTTP/1.1",
            "GET http://a.example/ HTTP/1.1\r\n folded: x",
            "GET http://a.example/ HTTP/1.1\r\nHost : b",
            "GET http://a.example/ HTTP/1.1\r\nno header",
            "CONNECT a.example:443 HTTP/1.1\r\n: x",
        ] {
            assert_eq!(parse_head(head), Err(Refusal::Malformed), "{head:?}");
        }
    }

    #[tokio::test]
    async fn an_endless_head_is_cut_at_its_cap() {
        let endless = vec![b'a'; MAX_HEAD_BYTES * 2];
        let result = read_head(&mut endless.as_slice(), Duration::from_secs(5)).await;
        assert_eq!(result, Err(Refusal::HeadTooLarge));
    }
}
