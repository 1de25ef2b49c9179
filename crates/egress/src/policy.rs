//! What a build may reach.

use crate::refusal::Refusal;
use shipstack_types::{EgressRefusal, HostAllowList, is_public};
use std::net::{IpAddr, SocketAddr};

/// The rules of one proxy: the same for all builds of a worker.
#[derive(Clone, Debug, Default)]
pub struct Policy {
    /// Hosts that may resolve to addresses that are not public; an entry with a port also opens that port.
    pub allow_private: HostAllowList,
    /// When not empty, the only hosts there are.
    pub only: HostAllowList,
}

impl Policy {
    /// Judges what can be judged without resolving. 80 and 443 are open for everyone, so that a build can neither
    /// send mail nor speak SSH.
    pub fn check_target(&self, host: &str, port: u16) -> Result<(), Refusal> {
        if !self.only.is_empty() && !self.only.allows(host, port) && !self.allow_private.allows(host, port) {
            return Err(EgressRefusal::HostNotAllowed.into());
        }
        let listed = self.allow_private.names_port(host, port) || self.only.names_port(host, port);
        if matches!(port, 80 | 443) || listed { Ok(()) } else { Err(EgressRefusal::PortNotAllowed.into()) }
    }

    /// Judges the addresses a host resolved to: one that is not public condemns all, for a mixed answer is an attack.
    pub fn check_addresses(
        &self,
        (host, port): (&str, u16),
        addresses: Vec<IpAddr>,
    ) -> Result<Vec<SocketAddr>, Refusal> {
        if addresses.is_empty() {
            return Err(Refusal::NotFound);
        }
        if !self.allow_private.allows(host, port) && !addresses.iter().copied().all(is_public) {
            return Err(EgressRefusal::AddressNotAllowed.into());
        }
        Ok(addresses.into_iter().map(|address| SocketAddr::new(address, port)).collect())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn addresses(texts: &[&str]) -> Vec<IpAddr> {
        texts.iter().map(|text| text.parse().unwrap()).collect()
    }

    #[test]
    fn one_address_that_is_not_public_condemns_all() {
        let policy = Policy::default();
        for bad in
            ["127.0.0.1", "10.0.0.1", "169.254.169.254", "::1", "::ffff:10.0.0.1", "100.64.0.1", "0.0.0.0"]
        {
            let mixed = addresses(&["1.1.1.1", bad]);
            assert_eq!(
                policy.check_addresses(("a.example", 443), mixed),
                Err(EgressRefusal::AddressNotAllowed.into()),
                "{bad}"
            );
        }
        assert!(policy.check_addresses(("a.example", 443), addresses(&["1.1.1.1", "2606:4700::1"])).is_ok());
    }

    #[test]
    fn a_listed_host_may_be_private_and_only_that_one() {
        let policy = Policy { allow_private: "registry.example".parse().unwrap(), ..Policy::default() };
        let private = addresses(&["10.0.0.1"]);
        assert!(policy.check_addresses(("registry.example", 443), private.clone()).is_ok());
        assert_eq!(
            policy.check_addresses(("b.example", 443), private),
            Err(EgressRefusal::AddressNotAllowed.into())
        );
    }

    #[test]
    fn only_web_ports_and_listed_ones_are_open() {
        let policy = Policy { allow_private: "r.example:4873".parse().unwrap(), ..Policy::default() };
        assert!(policy.check_target("r.example", 4873).is_ok());
        for (host, port) in [("a.example", 22), ("a.example", 25), ("a.example", 6379), ("r.example", 4874)] {
            assert_eq!(
                policy.check_target(host, port),
                Err(EgressRefusal::PortNotAllowed.into()),
                "{host}:{port}"
            );
        }
    }

    #[test]
    fn an_operators_list_is_all_there_is() {
        let policy = Policy { only: "a.example".parse().unwrap(), ..Policy::default() };
        assert!(policy.check_target("a.example", 443).is_ok());
        assert_eq!(policy.check_target("b.example", 443), Err(EgressRefusal::HostNotAllowed.into()));
    }
}
