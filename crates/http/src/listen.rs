//! Where an API may listen.

use std::io;
use std::net::{SocketAddr, TcpListener};

use shipstack_settings::ApiSettings;

/// Who could reach a listener that has no token.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Exposure {
    /// Calls need a token, or what listens is meant for everybody: any address will do.
    Guarded,
    /// Whoever reaches it can use it: only this machine may.
    LoopbackOnly,
}

impl Exposure {
    /// That of the API under these settings.
    pub fn of_api(settings: &ApiSettings) -> Self {
        if settings.token.is_some() || settings.insecure_open { Self::Guarded } else { Self::LoopbackOnly }
    }
}

/// The address cannot be listened on.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ListenError {
    /// It is open to others and nothing guards it.
    #[error(
        "{addr} can be reached from other machines and SHIPSTACK_TOKEN is not set: set a token, listen on 127.0.0.1, or say --insecure-open"
    )]
    Unguarded {
        /// The address.
        addr: SocketAddr,
    },
    /// The system refuses.
    #[error("cannot listen on {addr}")]
    Refused {
        /// The address.
        addr: SocketAddr,
        /// Why.
        source: io::Error,
    },
}

/// Binds early, so that the port is known (and a second process refused) before anything else starts.
pub fn bind(addr: SocketAddr, exposure: Exposure) -> Result<TcpListener, ListenError> {
    if exposure == Exposure::LoopbackOnly && !addr.ip().to_canonical().is_loopback() {
        return Err(ListenError::Unguarded { addr });
    }
    TcpListener::bind(addr).map_err(|source| ListenError::Refused { addr, source })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn exposure(pairs: &[(&str, &str)]) -> Exposure {
        Exposure::of_api(&shipstack_settings::from_pairs(pairs).unwrap())
    }

    #[test]
    fn without_a_token_only_loopback_is_bound() {
        let alone = exposure(&[]);
        for open in ["0.0.0.0:0", "[::]:0", "192.0.2.1:0"] {
            let error = bind(open.parse().unwrap(), alone).unwrap_err();
            assert!(error.to_string().contains("SHIPSTACK_TOKEN"), "{error}");
        }
        assert!(bind("127.0.0.1:0".parse().unwrap(), alone).is_ok());
        assert!(bind("127.9.9.9:0".parse().unwrap(), alone).is_ok());
    }

    #[test]
    fn a_token_or_the_operators_word_opens_every_address() {
        for pairs in [[("SHIPSTACK_TOKEN", "t")], [("SHIPSTACK_INSECURE_OPEN", "1")]] {
            assert!(bind("0.0.0.0:0".parse().unwrap(), exposure(&pairs)).is_ok());
        }
    }

    #[test]
    fn a_port_that_is_taken_is_named() {
        let taken = TcpListener::bind("127.0.0.1:0").unwrap();
        let addr = taken.local_addr().unwrap();
        let error = bind(addr, Exposure::Guarded).unwrap_err();
        assert!(error.to_string().contains(&addr.to_string()));
    }
}
