//! How often a client may do something: so many times at once, and then at a pace.
//!
//! One for each client, counted by address. What is kept is small and capped: whoever has more addresses than there is room
//! for gains what those may do that are forgotten, which are the ones that did least.

use std::collections::HashMap;
use std::net::{IpAddr, Ipv6Addr};
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

/// Clients that are remembered.
const ROOM: usize = 1024;

/// A bucket for each client: when all that it took out will be back.
#[derive(Debug)]
pub(crate) struct Buckets {
    full_at: Mutex<HashMap<IpAddr, Instant>>,
    pace: Duration,
    at_once: u32,
}

impl Buckets {
    /// `at_once` for each client, and one more every `pace`.
    pub(crate) fn new(at_once: u32, pace: Duration) -> Self {
        Self { full_at: Mutex::default(), pace, at_once: at_once.max(1) }
    }

    /// `count` in a minute, at any pace within it.
    pub(crate) fn per_minute(count: u32) -> Self {
        Self::new(count, Duration::from_mins(1) / count.max(1))
    }

    /// How long this client has to wait; `None` when it need not.
    pub(crate) fn wait(&self, client: IpAddr, now: Instant) -> Option<Duration> {
        self.with(|all| self.wait_of(all.get(&whole(client)).copied(), now))
    }

    /// Notes that it was done.
    pub(crate) fn note(&self, client: IpAddr, now: Instant) {
        self.with(|all| self.take_out(all, client, now));
    }

    /// Both in one: how long to wait, or it is noted.
    pub(crate) fn take(&self, client: IpAddr, now: Instant) -> Result<(), Duration> {
        self.with(|all| {
            if let Some(wait) = self.wait_of(all.get(&whole(client)).copied(), now) {
                return Err(wait);
            }
            self.take_out(all, client, now);
            Ok(())
        })
    }

    fn wait_of(&self, full_at: Option<Instant>, now: Instant) -> Option<Duration> {
        let allowed_from = full_at?.checked_sub(self.pace.saturating_mul(self.at_once - 1))?;
        Some(allowed_from.saturating_duration_since(now)).filter(|wait| !wait.is_zero())
    }

    fn take_out(&self, all: &mut HashMap<IpAddr, Instant>, client: IpAddr, now: Instant) {
        let client = whole(client);
        if all.len() >= ROOM && !all.contains_key(&client) {
            all.retain(|_, at| *at > now);
        }
        if all.len() >= ROOM
            && !all.contains_key(&client)
            && let Some(first) = all.iter().min_by_key(|(_, at)| **at).map(|(client, _)| *client)
        {
            all.remove(&first);
        }
        let at = all.entry(client).or_insert(now);
        *at = (*at).max(now) + self.pace;
    }

    fn with<T>(&self, use_it: impl FnOnce(&mut HashMap<IpAddr, Instant>) -> T) -> T {
        use_it(&mut self.full_at.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

/// What one client has of addresses: with IPv6 the whole /64, within which it picks freely.
pub(crate) fn whole(client: IpAddr) -> IpAddr {
    match client.to_canonical() {
        IpAddr::V4(address) => address.into(),
        IpAddr::V6(address) => Ipv6Addr::from_bits(address.to_bits() & !u128::from(u64::MAX)).into(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const PACE: Duration = Duration::from_secs(6);

    fn client(text: &str) -> IpAddr {
        text.parse().unwrap()
    }

    fn buckets() -> Buckets {
        Buckets::per_minute(10)
    }

    #[test]
    fn ten_in_a_minute_are_ten_at_once_and_then_one_in_six_seconds() {
        let (buckets, now, one) = (buckets(), Instant::now(), client("192.0.2.7"));
        for _ in 0..10 {
            assert_eq!(buckets.take(one, now), Ok(()));
        }
        assert_eq!(buckets.take(one, now), Err(PACE));
        assert_eq!(buckets.wait(one, now), Some(PACE));
        assert_eq!(buckets.take(client("192.0.2.8"), now), Ok(()), "somebody else");
        assert_eq!(buckets.take(one, now + PACE), Ok(()));
        assert_eq!(buckets.take(one, now + PACE), Err(PACE), "a refusal takes nothing out");
        assert_eq!(buckets.wait(one, now + Duration::from_mins(2)), None);
    }

    #[test]
    fn a_client_does_not_get_away_by_picking_another_address_of_its_network() {
        let (buckets, now) = (buckets(), Instant::now());
        for number in 0..10 {
            buckets.note(client(&format!("2001:db8:1:2::{number}")), now);
        }
        assert!(buckets.wait(client("2001:db8:1:2:ffff::1"), now).is_some());
        assert_eq!(buckets.wait(client("2001:db8:1:3::1"), now), None);
        (0..10).for_each(|_| buckets.note(client("::ffff:192.0.2.7"), now));
        assert!(buckets.wait(client("192.0.2.7"), now).is_some(), "the same address, written as IPv6");
    }

    #[test]
    fn a_flood_of_clients_is_remembered_up_to_its_cap_and_the_worst_longest() {
        let (buckets, now, worst) = (buckets(), Instant::now(), client("198.51.100.9"));
        (0..10).for_each(|_| buckets.note(worst, now));
        for number in 0..5000_u32 {
            buckets.note(IpAddr::from(number.to_be_bytes()), now);
        }
        assert_eq!(buckets.with(|all| all.len()), ROOM);
        assert!(buckets.wait(worst, now).is_some(), "it is not forgotten for those who did less");
        buckets.note(client("192.0.2.7"), now + Duration::from_mins(2));
        assert_eq!(buckets.with(|all| all.len()), 1, "what is forgotten makes room");
    }
}
