//! One build's account while it is open: what it may do, what it did, what it was refused.

use crate::lock::lock;
use crate::refusal::Refusal;
use crate::wire::{Account, Answer, HostTraffic, Refused, Terms};
use shipstack_types::EgressRefusal;
use std::collections::BTreeMap;
use std::net::IpAddr;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::sync::mpsc::SyncSender;
use std::sync::{Arc, Mutex};
use tokio::sync::watch;

/// A package manager opens some dozens; a build that wants more is refused more.
const MAX_CONNECTIONS: usize = 512;

/// Where refusals are told as they happen.
pub type Tell = SyncSender<Answer>;

type Target = (String, u16);

/// Whether connections are carried.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Standing {
    Open,
    Shut,
    Closed,
}

/// The direction of bytes, as the build sees it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Way {
    Up,
    Down,
}

/// One build's account.
#[derive(Debug)]
pub(crate) struct Book {
    only: Option<shipstack_types::HostAllowList>,
    totals: Arc<Totals>,
    traffic: Mutex<BTreeMap<Target, Arc<Counters>>>,
    refused: Mutex<BTreeMap<(Target, EgressRefusal), u64>>,
    unnamed: AtomicU64,
    connections: AtomicUsize,
    standing: watch::Sender<Standing>,
    tell: Option<(IpAddr, Tell)>,
}

/// What all connections of a build carried, and may.
#[derive(Debug)]
struct Totals {
    up: Capped,
    down: Capped,
}

#[derive(Debug)]
struct Capped {
    bytes: AtomicU64,
    max: u64,
}

/// Bytes as they flow, so that an account read in the middle of a download is true.
#[derive(Debug)]
pub(crate) struct Counters {
    pub(crate) connections: AtomicU64,
    up: AtomicU64,
    down: AtomicU64,
    totals: Arc<Totals>,
}

impl Book {
    pub(crate) fn new(terms: Terms, tell: Option<(IpAddr, Tell)>) -> Self {
        let capped = |max: Option<u64>| Capped { bytes: AtomicU64::new(0), max: max.unwrap_or(u64::MAX) };
        Self {
            only: terms.only,
            totals: Arc::new(Totals { up: capped(terms.max_sent), down: capped(terms.max_received) }),
            traffic: Mutex::default(),
            refused: Mutex::default(),
            unnamed: AtomicU64::new(0),
            connections: AtomicUsize::new(0),
            standing: watch::Sender::new(Standing::Open),
            tell,
        }
    }

    /// Takes a place; it is given back when the returned value is dropped.
    pub(crate) fn admit(self: &Arc<Self>) -> Result<Place, Refusal> {
        let place = Place { book: Arc::clone(self) };
        let before = self.connections.fetch_add(1, Ordering::Relaxed);
        if before < MAX_CONNECTIONS { Ok(place) } else { Err(Refusal::Overload) }
    }

    /// Judges a target by this build's own terms.
    pub(crate) fn check(&self, (host, port): (&str, u16)) -> Result<(), EgressRefusal> {
        if *self.standing.borrow() != Standing::Open {
            return Err(EgressRefusal::NetworkShut);
        }
        if self.only.as_ref().is_some_and(|only| !only.allows(host, port)) {
            return Err(EgressRefusal::HostNotListed);
        }
        self.totals.check()
    }

    pub(crate) fn shut(&self) {
        self.standing.send_replace(Standing::Shut);
    }

    pub(crate) fn close(&self) {
        self.standing.send_replace(Standing::Closed);
    }

    /// Changes when what is open has to be cut.
    pub(crate) fn standing(&self) -> watch::Receiver<Standing> {
        self.standing.subscribe()
    }

    /// Counters of a host; past the maximum they are on no account, but under the build's caps all the same.
    pub(crate) fn counters(&self, host: &str, port: u16) -> Arc<Counters> {
        let mut traffic = lock(&self.traffic);
        let key = (host.to_owned(), port);
        if traffic.len() >= Account::MAX_HOSTS && !traffic.contains_key(&key) {
            self.unnamed.fetch_add(1, Ordering::Relaxed);
            return Arc::new(Counters::under(&self.totals));
        }
        Arc::clone(traffic.entry(key).or_insert_with(|| Arc::new(Counters::under(&self.totals))))
    }

    /// Notes a refusal, and tells of it when it is the first of its kind.
    pub(crate) fn refuse(&self, (host, port): (&str, u16), reason: EgressRefusal) {
        let mut refused = lock(&self.refused);
        let key = ((host.to_owned(), port), reason);
        if let Some(times) = refused.get_mut(&key) {
            *times = times.saturating_add(1);
            return;
        }
        if refused.len() >= Account::MAX_HOSTS {
            self.unnamed.fetch_add(1, Ordering::Relaxed);
            return;
        }
        refused.insert(key, 1);
        drop(refused);
        if let Some((address, tell)) = &self.tell {
            let refused = Refused { host: host.to_owned(), port, reason, requests: 1 };
            let _ = tell.try_send(Answer::Refused { address: *address, refused }); // it is in the account too
        }
    }

    pub(crate) fn account(&self) -> Account {
        let traffic = |((host, port), counters): (&Target, &Arc<Counters>)| HostTraffic {
            host: host.clone(),
            port: *port,
            connections: counters.connections.load(Ordering::Relaxed),
            bytes_up: counters.up.load(Ordering::Relaxed),
            bytes_down: counters.down.load(Ordering::Relaxed),
        };
        let refused = |(((host, port), reason), times): (&(Target, EgressRefusal), &u64)| Refused {
            host: host.clone(),
            port: *port,
            reason: *reason,
            requests: *times,
        };
        Account {
            hosts: lock(&self.traffic).iter().map(traffic).collect(),
            refused: lock(&self.refused).iter().map(refused).collect(),
            unnamed: self.unnamed.load(Ordering::Relaxed),
        }
    }
}

impl Counters {
    fn under(totals: &Arc<Totals>) -> Self {
        let zero = || AtomicU64::new(0);
        Self { connections: zero(), up: zero(), down: zero(), totals: Arc::clone(totals) }
    }

    /// Books bytes before they are carried; bytes that pass the build's cap must not be.
    pub(crate) fn spend(&self, way: Way, bytes: u64) -> Result<(), EgressRefusal> {
        let (total, ours, over) = match way {
            Way::Up => (&self.totals.up, &self.up, EgressRefusal::SentCap),
            Way::Down => (&self.totals.down, &self.down, EgressRefusal::ReceivedCap),
        };
        if !total.take(bytes) {
            return Err(over);
        }
        ours.fetch_add(bytes, Ordering::Relaxed);
        Ok(())
    }
}

impl Totals {
    fn check(&self) -> Result<(), EgressRefusal> {
        if self.down.is_used_up() {
            return Err(EgressRefusal::ReceivedCap);
        }
        if self.up.is_used_up() { Err(EgressRefusal::SentCap) } else { Ok(()) }
    }
}

impl Capped {
    /// What does not fit uses up what is left, so that a build cannot go on in smaller pieces.
    fn take(&self, bytes: u64) -> bool {
        let before = self.bytes.fetch_add(bytes, Ordering::Relaxed);
        before.saturating_add(bytes) <= self.max
    }

    fn is_used_up(&self) -> bool {
        self.bytes.load(Ordering::Relaxed) >= self.max
    }
}

/// A connection's place in its build's account.
#[derive(Debug)]
pub(crate) struct Place {
    book: Arc<Book>,
}

impl Drop for Place {
    fn drop(&mut self) {
        self.book.connections.fetch_sub(1, Ordering::Relaxed);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_build_that_names_endless_hosts_fills_no_memory() {
        let book = book(Terms::default());
        for number in 0..2000 {
            let _ = book.counters(&format!("h{number}.example"), 443);
            book.refuse((&format!("r{number}.example"), 443), EgressRefusal::AddressNotAllowed);
        }
        let account = book.account();
        assert_eq!((account.hosts.len(), account.refused.len()), (Account::MAX_HOSTS, Account::MAX_HOSTS));
        assert_eq!(account.unnamed, 2 * (2000 - 512));
    }

    #[test]
    fn connections_past_the_maximum_are_refused_until_one_ends() {
        let book = book(Terms::default());
        let mut places: Vec<Place> = (0..MAX_CONNECTIONS).map(|_| book.admit().unwrap()).collect();
        assert_eq!(book.admit().unwrap_err(), Refusal::Overload);
        places.pop();
        assert!(book.admit().is_ok());
    }

    #[test]
    fn a_refusal_is_told_once_and_counted_each_time() {
        let (tell, told) = std::sync::mpsc::sync_channel(8);
        let address = IpAddr::from([172, 18, 0, 2]);
        let book = Book::new(Terms::default(), Some((address, tell)));
        for _ in 0..3 {
            book.refuse(("a.example", 443), EgressRefusal::HostNotListed);
        }
        book.refuse(("a.example", 443), EgressRefusal::NetworkShut);
        assert_eq!(told.try_iter().count(), 2, "one for each rule");
        let counts: Vec<u64> = book.account().refused.iter().map(|refused| refused.requests).collect();
        assert_eq!(counts, [3, 1]);
    }

    #[test]
    fn what_passes_a_cap_is_neither_carried_nor_counted() {
        let book = book(Terms { max_received: Some(10), max_sent: Some(3), ..Terms::default() });
        let counters = book.counters("a.example", 443);
        assert_eq!(counters.spend(Way::Down, 10), Ok(()));
        assert_eq!(counters.spend(Way::Down, 1), Err(EgressRefusal::ReceivedCap));
        assert_eq!(counters.spend(Way::Up, 4), Err(EgressRefusal::SentCap));
        assert_eq!(
            book.check(("a.example", 443)),
            Err(EgressRefusal::ReceivedCap),
            "no new connection either"
        );
        let host = &book.account().hosts[0];
        assert_eq!((host.bytes_up, host.bytes_down), (0, 10));
    }

    fn book(terms: Terms) -> Arc<Book> {
        Arc::new(Book::new(terms, None))
    }
}
