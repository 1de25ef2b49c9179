//! Why a request is not carried out, and the answer the build sees.

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
    /// The operator's list does not have the host.
    #[error("host_not_allowed")]
    Host,
    /// Neither a web port nor a listed one.
    #[error("port_not_allowed")]
    Port,
    /// The host resolves to an address that is not public.
    #[error("address_not_allowed")]
    Address,
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

impl Refusal {
    /// Whether a rule forbade it, so that it belongs on the receipt; the rest is bad luck or a bad request.
    pub(crate) fn is_forbidden(self) -> bool {
        matches!(self, Self::Host | Self::Port | Self::Address)
    }

    /// The whole answer, connection closed.
    pub(crate) fn answer(self) -> String {
        let status = match self {
            Self::Malformed => "400 Bad Request",
            Self::HeadTooLarge => "431 Request Header Fields Too Large",
            Self::Slow => "408 Request Timeout",
            Self::Host | Self::Port | Self::Address => "403 Forbidden",
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
