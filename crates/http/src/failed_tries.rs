//! How often a client may show a wrong token: ten times at once, then every six seconds.
//!
//! A token of the length that we advise cannot be guessed at any rate; this is for those who choose a short one. What is kept
//! is small and capped: whoever has more addresses than there is room for gains the tries of those that are forgotten.

use std::collections::HashMap;
use std::net::{IpAddr, Ipv6Addr};
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

/// A wrong token is forgotten after this.
const PACE: Duration = Duration::from_secs(6);
/// Wrong tokens that are let pass at once: a person who mistypes stays below it.
const AT_ONCE: u32 = 10;
/// Clients that are remembered.
const ROOM: usize = 1024;

/// When the failures of each client will all be forgotten.
#[derive(Debug, Default)]
pub(crate) struct FailedTries {
    forgotten_at: Mutex<HashMap<IpAddr, Instant>>,
}

impl FailedTries {
    /// How long this client has to wait; `None` when it may try.
    pub(crate) fn wait(&self, client: IpAddr, now: Instant) -> Option<Duration> {
        let at = self.with(|all| all.get(&whole(client)).copied())?;
        let allowed_from = at.checked_sub(PACE.saturating_mul(AT_ONCE - 1))?;
        Some(allowed_from.saturating_duration_since(now)).filter(|wait| !wait.is_zero())
    }

    /// Notes a failure.
    pub(crate) fn note(&self, client: IpAddr, now: Instant) {
        self.with(|all| {
            if all.len() >= ROOM {
                all.retain(|_, at| *at > now);
            }
            if all.len() >= ROOM
                && let Some(first) = all.iter().min_by_key(|(_, at)| **at).map(|(client, _)| *client)
            {
                all.remove(&first);
            }
            let at = all.entry(whole(client)).or_insert(now);
            *at = (*at).max(now) + PACE;
        });
    }

    fn with<T>(&self, use_it: impl FnOnce(&mut HashMap<IpAddr, Instant>) -> T) -> T {
        use_it(&mut self.forgotten_at.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

/// What one client has of addresses: with IPv6 the whole /64, within which it picks freely.
fn whole(client: IpAddr) -> IpAddr {
    match client.to_canonical() {
        IpAddr::V4(address) => address.into(),
        IpAddr::V6(address) => Ipv6Addr::from_bits(address.to_bits() & !u128::from(u64::MAX)).into(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn client(text: &str) -> IpAddr {
        text.parse().unwrap()
    }

    #[test]
    fn ten_wrong_tries_are_let_pass_and_then_one_in_six_seconds() {
        let (tries, now, one) = (FailedTries::default(), Instant::now(), client("192.0.2.7"));
        for _ in 0..AT_ONCE {
            assert_eq!(tries.wait(one, now), None);
            tries.note(one, now);
        }
        assert_eq!(tries.wait(one, now), Some(PACE));
        assert_eq!(tries.wait(client("192.0.2.8"), now), None, "somebody else");
        assert_eq!(tries.wait(one, now + PACE), None);
        tries.note(one, now + PACE);
        assert_eq!(tries.wait(one, now + PACE), Some(PACE));
        assert_eq!(tries.wait(one, now + Duration::from_mins(2)), None);
    }

    #[test]
    fn a_client_does_not_get_away_by_picking_another_address_of_its_network() {
        let (tries, now) = (FailedTries::default(), Instant::now());
        for number in 0..AT_ONCE {
            tries.note(client(&format!("2001:db8:1:2::{number}")), now);
        }
        assert!(tries.wait(client("2001:db8:1:2:ffff::1"), now).is_some());
        assert_eq!(tries.wait(client("2001:db8:1:3::1"), now), None);
    }

    #[test]
    fn a_flood_of_clients_is_remembered_up_to_its_cap() {
        let (tries, now) = (FailedTries::default(), Instant::now());
        for number in 0..5000_u32 {
            tries.note(IpAddr::from(number.to_be_bytes()), now);
        }
        assert_eq!(tries.with(|all| all.len()), ROOM);
        tries.note(client("192.0.2.7"), now + Duration::from_mins(2));
        assert_eq!(tries.with(|all| all.len()), 1, "what is forgotten makes room");
    }
}
