//! Why a request is not carried out, and the answer the build sees.

use shipstack_types::EgressRefusal;
use thiserror::Error;

/// The ways a request ends before a connection exists.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum Refusal {
    /// No request that a proxy understands.
    #[error("bad_request")]
    Malformed,
    /// The head is larger than 16 KiB.
    #[error("head_too_large")]
    HeadTooLarge,
    /// The head did not arrive in time.
    #[error("request_timeout")]
    Slow,
    /// A rule forbids it, so that it belongs on the receipt; the rest is bad luck or a bad request.
    #[error("{0}")]
    Forbidden(EgressRefusal),
    /// The host has no address.
    #[error("host_not_found")]
    NotFound,
    /// The host does not answer.
    #[error("host_unreachable")]
    Unreachable,
    /// Too many connections of this build.
    #[error("too_many_connections")]
    Overload,
}

impl From<EgressRefusal> for Refusal {
    fn from(rule: EgressRefusal) -> Self {
        Self::Forbidden(rule)
    }
}

impl Refusal {
    /// The whole answer, connection closed.
    pub(crate) fn answer(self) -> String {
        let status = match self {
            Self::Malformed => "400 Bad Request",
            Self::HeadTooLarge => "431 Request Header Fields Too Large",
            Self::Slow => "408 Request Timeout",
            Self::Forbidden(_) => "403 Forbidden",
            Self::NotFound | Self::Unreachable => "502 Bad Gateway",
            Self::Overload => "503 Service Unavailable",
        };
        let body = format!("shipstack egress: {self}\n");
        let length = body.len();
        format!(
            "HTTP/1.1 {status}\r\nX-Shipstack-Egress: {self}\r\nContent-Type: text/plain\r\nContent-Length: {length}\r\nConnection: close\r\n\r\n{body}"
        )
    }
}
