//! What a build sends to the egress proxy: one request to the host that was judged, or a refusal.

use crate::input::in_pieces;
use crate::place::with_place;
use shipstack_egress::{MAX_HEAD_BYTES, Policy, Refusal, Request, parse_head, read_head};
use std::collections::VecDeque;
use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;
use tokio::io::{AsyncRead, ReadBuf};

/// The bytes of a connection.
pub(crate) fn check(data: &[u8]) {
    let cuts = data.get(data.len() / 2..).unwrap_or_default();
    let (whole, pieces) = (arriving(&[data]), arriving(&in_pieces(data, cuts)));
    assert_eq!(whole.as_ref().map(|(head, _)| head), pieces.as_ref().map(|(head, _)| head));
    let Ok((head, rest)) = whole else { return };
    assert!(head.len() <= MAX_HEAD_BYTES);
    assert_eq!(pieces.unwrap().1, rest, "no byte of a body is lost");
    assert_eq!([head.as_bytes(), b"\r\n\r\n", &rest].concat(), data);
    if let Ok(request) = parse_head(&head) {
        names_one_host(&head, &request);
        let policy = Policy::default().check_target(&request.host, request.port);
        assert_eq!(policy.is_ok(), matches!(request.port, 80 | 443));
    }
}

/// The head, and everything that came after it.
fn arriving(pieces: &[&[u8]]) -> Result<(String, Vec<u8>), Refusal> {
    let mut connection = Connection(pieces.iter().map(|piece| piece.to_vec()).collect());
    let mut read = Err(Refusal::Slow);
    with_place(|place| read = place.runtime.block_on(read_head(&mut connection, Duration::from_mins(1))));
    read.map(|(head, rest)| (head, connection.0.into_iter().fold(rest, |rest, more| [rest, more].concat())))
}

/// Gives one piece at a time.
struct Connection(VecDeque<Vec<u8>>);

impl AsyncRead for Connection {
    fn poll_read(
        mut self: Pin<&mut Self>,
        _: &mut Context<'_>,
        into: &mut ReadBuf<'_>,
    ) -> Poll<std::io::Result<()>> {
        if let Some(mut piece) = self.0.pop_front() {
            let left = piece.split_off(piece.len().min(into.remaining()));
            into.put_slice(&piece);
            if !left.is_empty() {
                self.0.push_front(left);
            }
        }
        Poll::Ready(Ok(()))
    }
}

fn names_one_host(head: &str, request: &Request) {
    let Request { host, port, forward } = request;
    assert!(!host.is_empty() && *port != 0 && host.to_ascii_lowercase() == *host, "{head:?}");
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || b".-_:".contains(&byte);
    assert!(host.bytes().all(plain) && !host.starts_with('-'), "{host:?}");
    let Some(forward) = forward else { return };
    let inner = forward.strip_suffix("\r\n\r\n").unwrap_or_else(|| panic!("{forward:?}"));
    assert!(!inner.contains("\r\n\r\n"), "{forward:?} ends once");
    let mut lines = inner.split("\r\n");
    is_one_request_line(lines.next().unwrap());
    let mut hosts = Vec::new();
    for line in lines {
        let (name, value) = line.split_once(':').unwrap_or_else(|| panic!("{line:?} is no header"));
        assert!(!name.is_empty() && name.bytes().all(is_token), "{line:?} is no header");
        assert!(!value.chars().any(|c| c.is_control() && c != '\t'), "{line:?}");
        if name.eq_ignore_ascii_case("host") {
            hosts.push(value.trim().to_ascii_lowercase());
        }
    }
    assert_eq!(hosts.len(), 1, "{forward:?}");
    let named = hosts[0].trim_start_matches('[');
    assert!(named.starts_with(host.as_str()), "{:?} is sent to {host}", hosts[0]);
}

/// Method, path and version with one space between, so that nobody can read another path.
fn is_one_request_line(line: &str) {
    let words: Vec<&str> = line.split_whitespace().collect();
    assert_eq!(words.join(" "), line);
    let [method, path, "HTTP/1.1"] = words[..] else { panic!("{line:?}") };
    assert!(method.bytes().all(is_token) && path.starts_with('/'), "{line:?}");
}

/// RFC 9110 §5.6.2.
fn is_token(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(&byte)
}
