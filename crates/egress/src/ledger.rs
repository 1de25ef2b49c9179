//! The accounts of the builds, by the local address their connections come in on.
//!
//! Guarantees: an address that was not opened is served to nobody (so the proxy is of no use to others on its uplink
//! network); accounts are bounded in size whatever a build does.

use crate::book::{Book, Tell};
use crate::lock::lock;
use crate::wire::{Account, Terms};
use std::collections::HashMap;
use std::net::IpAddr;
use std::sync::{Arc, Mutex};

/// All open accounts.
#[derive(Debug, Default)]
pub struct Ledger {
    books: Mutex<HashMap<IpAddr, Arc<Book>>>,
    tell: Option<Tell>,
}

impl Ledger {
    /// A ledger that tells of each refusal as it happens. Where nobody listens fast enough it is only in the account.
    pub fn telling(tell: Tell) -> Self {
        Self { tell: Some(tell), ..Self::default() }
    }

    /// Begins to serve an address on these terms, with an empty account.
    pub fn open(&self, address: IpAddr, terms: Terms) {
        let book = Book::new(terms, self.tell.clone().map(|tell| (address, tell)));
        lock(&self.books).insert(address, Arc::new(book));
    }

    /// Cuts an address off from the network; it is told so.
    pub fn shut(&self, address: IpAddr) {
        if let Some(book) = self.book(address) {
            book.shut();
        }
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
        book.close();
        book.account()
    }

    pub(crate) fn book(&self, address: IpAddr) -> Option<Arc<Book>> {
        lock(&self.books).get(&address).map(Arc::clone)
    }
}
