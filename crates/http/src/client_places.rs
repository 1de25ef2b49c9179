//! How many connections one client may hold at once.
//!
//! Guarantees: it is decided when a connection is accepted, before a byte of it is read; what is remembered is no more than the
//! connections that are open, for a client goes with its last one. Requests do not come by here: only connections do.

use std::collections::HashMap;
use std::net::IpAddr;
use std::sync::{Arc, Mutex, PoisonError};

use shipstack_settings::{Network, ProxySettings, ServeSettings};
use shipstack_types::is_public;

use crate::buckets::whole;

/// A browser opens six to a host, and an office or a school behind one address some hundred of them; 5,000 slow readers need
/// twenty addresses then.
const CONNECTIONS: u32 = 256;

/// The connections of each client, counted.
#[derive(Debug)]
pub struct ClientPlaces {
    /// 0 is as many as it likes.
    most: u32,
    /// Whether it holds for private addresses as well: only when the operator has set it. A load balancer has one, and so have
    /// all visitors of a port that Docker or Kubernetes publish by rewriting where they come from.
    private_too: bool,
    trusted_proxies: Vec<Network>,
    taken: Mutex<HashMap<IpAddr, u32>>,
}

/// The place of one connection, until it is dropped.
#[derive(Debug)]
pub(crate) struct Place(Option<(Arc<ClientPlaces>, IpAddr)>);

impl ClientPlaces {
    /// As the operator's settings have them.
    pub fn new(serve: &ServeSettings, proxies: &ProxySettings) -> Arc<Self> {
        Arc::new(Self {
            most: serve.connection_limit.unwrap_or(CONNECTIONS),
            private_too: serve.connection_limit.is_some(),
            trusted_proxies: proxies.trusted_proxies.to_vec(),
            taken: Mutex::default(),
        })
    }

    /// A place for a connection from this address; `None` when its client has all that it may.
    pub(crate) fn take(self: &Arc<Self>, from: IpAddr) -> Option<Place> {
        if !self.counts(from) {
            return Some(Place(None));
        }
        let client = whole(from);
        self.with(|taken| {
            let own = taken.entry(client).or_default();
            // An entry that was just made has room: `most` is not 0 here.
            (*own < self.most).then(|| *own += 1)
        })?;
        Some(Place(Some((Arc::clone(self), client))))
    }

    /// All visitors come through a trusted proxy: it has to see to its own clients.
    fn counts(&self, from: IpAddr) -> bool {
        let trusted = || self.trusted_proxies.iter().any(|network| network.contains(from));
        self.most > 0 && (self.private_too || is_public(from.to_canonical())) && !trusted()
    }

    fn give_back(&self, client: IpAddr) {
        self.with(|taken| {
            let Some(own) = taken.get_mut(&client) else { return };
            *own -= 1;
            if *own == 0 {
                taken.remove(&client);
            }
        });
    }

    fn with<T>(&self, use_it: impl FnOnce(&mut HashMap<IpAddr, u32>) -> T) -> T {
        use_it(&mut self.taken.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        if let Some((of, client)) = self.0.take() {
            of.give_back(client);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use shipstack_settings::from_pairs;

    fn places(pairs: &[(&str, &str)]) -> Arc<ClientPlaces> {
        ClientPlaces::new(&from_pairs(pairs).unwrap(), &from_pairs(pairs).unwrap())
    }

    /// How many of a thousand connections from this address are let in, all held.
    fn let_in(places: &Arc<ClientPlaces>, from: &str) -> (usize, Vec<Place>) {
        let held: Vec<Place> = (0..1000).filter_map(|_| places.take(from.parse().unwrap())).collect();
        (held.len(), held)
    }

    #[test]
    fn a_client_has_so_many_places_and_a_closed_connection_gives_its_own_back() {
        let places = places(&[("SHIPSTACK_CONNECTION_LIMIT", "3")]);
        let (count, mut held) = let_in(&places, "192.0.2.7");
        assert_eq!(count, 3);
        assert!(places.take("192.0.2.8".parse().unwrap()).is_some(), "somebody else");
        held.pop();
        let again = let_in(&places, "192.0.2.7");
        assert_eq!(again.0, 1);
        drop((held, again));
        assert_eq!(places.with(|taken| taken.len()), 0, "who has none left is forgotten");
    }

    #[test]
    fn a_client_is_an_address_or_a_network_of_ipv6() {
        let places = places(&[("SHIPSTACK_CONNECTION_LIMIT", "2")]);
        let of = |address: &str| places.take(address.parse().unwrap());
        let held = [of("2001:db8:1:2::1"), of("2001:db8:1:2:ffff::1")];
        assert!(held.iter().all(Option::is_some));
        assert!(of("2001:db8:1:2::3").is_none());
        assert!(of("2001:db8:1:3::1").is_some());
        let held = [of("192.0.2.7"), of("::ffff:192.0.2.7")];
        assert!(held.iter().all(Option::is_some));
        assert!(of("192.0.2.7").is_none(), "the same address, written as IPv6");
    }

    #[test]
    fn without_the_setting_only_public_addresses_are_counted() {
        let places = places(&[]);
        assert_eq!(let_in(&places, "9.9.9.9").0, 256);
        assert_eq!(let_in(&places, "::ffff:9.9.9.9").0, 256);
        for private in ["127.0.0.1", "::1", "172.17.0.1", "::ffff:10.0.0.1", "fd00::1"] {
            assert_eq!(let_in(&places, private).0, 1000, "{private}");
        }
    }

    #[test]
    fn trusted_proxies_and_a_limit_of_0_are_not_counted() {
        let proxies = places(&[
            ("SHIPSTACK_CONNECTION_LIMIT", "1"),
            ("SHIPSTACK_TRUSTED_PROXIES", "10.0.0.0/8,9.9.9.9"),
        ]);
        assert_eq!(let_in(&proxies, "10.0.0.1").0, 1000);
        assert_eq!(let_in(&proxies, "9.9.9.9").0, 1000);
        assert_eq!(let_in(&proxies, "10.0.0.1").0 + let_in(&proxies, "192.168.0.1").0, 1001);
        assert_eq!(let_in(&places(&[("SHIPSTACK_CONNECTION_LIMIT", "0")]), "9.9.9.9").0, 1000);
        assert_eq!(proxies.with(|taken| taken.len()), 0);
    }
}
