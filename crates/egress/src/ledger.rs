//! The accounts of the builds, by the local address their connections come in on.
//!
//! Guarantees: an address that was not opened is served to nobody (so the proxy is of no use to others on its uplink
//! network); accounts are bounded in size whatever a build does.

use crate::refusal::Refusal;
use crate::wire::{Account, HostTraffic, Refused};
use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::net::IpAddr;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use tokio::sync::watch;

/// A package manager opens some dozens; a build that wants more is refused more.
const MAX_CONNECTIONS: usize = 512;

type Target = (String, u16);

/// All open accounts.
#[derive(Debug, Default)]
pub struct Ledger {
    books: Mutex<HashMap<IpAddr, Arc<Book>>>,
}

/// One build's account while it is open.
#[derive(Debug)]
pub(crate) struct Book {
    traffic: Mutex<BTreeMap<Target, Arc<Counters>>>,
    refused: Mutex<BTreeSet<Refused>>,
    unnamed: AtomicU64,
    connections: AtomicUsize,
    closed: watch::Sender<bool>,
}

/// Bytes as they flow, so that an account read in the middle of a download is true.
#[derive(Debug, Default)]
pub(crate) struct Counters {
    pub(crate) connections: AtomicU64,
    pub(crate) up: AtomicU64,
    pub(crate) down: AtomicU64,
}

impl Ledger {
    /// Begins to serve an address, with an empty account.
    pub fn open(&self, address: IpAddr) {
        lock(&self.books).insert(address, Arc::new(Book::new()));
    }

    /// The account so far.
    pub fn read(&self, address: IpAddr) -> Account {
        self.book(address).map(|book| book.account()).unwrap_or_default()
    }

    /// Ends serving an address, cuts its connections and tells its account.
    pub fn close(&self, address: IpAddr) -> Account {
        let Some(book) = lock(&self.books).remove(&address) else {
            return Account::default();
        };
        book.closed.send_replace(true);
        book.account()
    }

    pub(crate) fn book(&self, address: IpAddr) -> Option<Arc<Book>> {
        lock(&self.books).get(&address).map(Arc::clone)
    }
}

impl Book {
    fn new() -> Self {
        Self {
            traffic: Mutex::default(),
            refused: Mutex::default(),
            unnamed: AtomicU64::new(0),
            connections: AtomicUsize::new(0),
            closed: watch::Sender::new(false),
        }
    }

    /// Takes a place; it is given back when the returned value is dropped.
    pub(crate) fn admit(self: &Arc<Self>) -> Result<Place, Refusal> {
        let place = Place { book: Arc::clone(self) };
        let before = self.connections.fetch_add(1, Ordering::Relaxed);
        if before < MAX_CONNECTIONS { Ok(place) } else { Err(Refusal::Overload) }
    }

    /// Resolves when the account is closed.
    pub(crate) async fn closed(&self) {
        // The sender lives in `self`, so waiting cannot fail while we borrow it.
        let _ = self.closed.subscribe().wait_for(|closed| *closed).await;
    }

    /// Counters of a host; past the maximum they are shared by nobody and only counted.
    pub(crate) fn counters(&self, host: &str, port: u16) -> Arc<Counters> {
        let mut traffic = lock(&self.traffic);
        let key = (host.to_owned(), port);
        if traffic.len() >= Account::MAX_HOSTS && !traffic.contains_key(&key) {
            self.unnamed.fetch_add(1, Ordering::Relaxed);
            return Arc::default();
        }
        Arc::clone(traffic.entry(key).or_default())
    }

    pub(crate) fn refuse(&self, host: &str, port: u16, why: Refusal) {
        let mut refused = lock(&self.refused);
        let entry = Refused { host: host.to_owned(), port, reason: why.to_string() };
        if refused.len() >= Account::MAX_HOSTS && !refused.contains(&entry) {
            self.unnamed.fetch_add(1, Ordering::Relaxed);
            return;
        }
        refused.insert(entry);
    }

    fn account(&self) -> Account {
        let traffic = |((host, port), counters): (&Target, &Arc<Counters>)| HostTraffic {
            host: host.clone(),
            port: *port,
            connections: counters.connections.load(Ordering::Relaxed),
            bytes_up: counters.up.load(Ordering::Relaxed),
            bytes_down: counters.down.load(Ordering::Relaxed),
        };
        Account {
            hosts: lock(&self.traffic).iter().map(traffic).collect(),
            refused: lock(&self.refused).iter().cloned().collect(),
            unnamed: self.unnamed.load(Ordering::Relaxed),
        }
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

/// No code panics while it holds one of these locks, and the data stays whole even then.
fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_build_that_names_endless_hosts_fills_no_memory() {
        let book = Arc::new(Book::new());
        for number in 0..2000 {
            book.counters(&format!("h{number}.example"), 443);
            book.refuse(&format!("r{number}.example"), 443, Refusal::Address);
        }
        let account = book.account();
        assert_eq!((account.hosts.len(), account.refused.len()), (Account::MAX_HOSTS, Account::MAX_HOSTS));
        assert_eq!(account.unnamed, 2 * (2000 - 512));
    }

    #[test]
    fn connections_past_the_maximum_are_refused_until_one_ends() {
        let book = Arc::new(Book::new());
        let mut places: Vec<Place> = (0..MAX_CONNECTIONS).map(|_| book.admit().unwrap()).collect();
        assert_eq!(book.admit().unwrap_err(), Refusal::Overload);
        places.pop();
        assert!(book.admit().is_ok());
    }
}
