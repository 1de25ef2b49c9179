//! What was promised: every id that a client has seen, what it was to become, and what clients were told of it since.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Instant;

use serde::Serialize;

use super::hits::{Hit, Span};
use super::site::Site;

/// What kind of promise was broken.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "lowercase")]
pub(super) enum Broken {
    /// Acknowledged and without an end.
    Lost,
    /// More than one end.
    Twice,
    /// What is stored or served is not what was promised.
    Half,
    /// Something is left behind.
    Leaked,
    /// Taken up again without a fault that explains it.
    Again,
    /// An answer that was neither right nor an honest error.
    Untrue,
}

impl Broken {
    pub(super) const ALL: [Self; 6] =
        [Self::Lost, Self::Twice, Self::Half, Self::Leaked, Self::Again, Self::Untrue];
}

/// A broken promise.
#[derive(Clone, Debug, Serialize)]
pub(super) struct Finding {
    pub(super) broken: Broken,
    pub(super) id: String,
    pub(super) what: String,
}

/// An acknowledged deployment.
#[derive(Clone, Debug)]
pub(super) struct Entry {
    pub(super) site: Arc<Site>,
    pub(super) acknowledged: Instant,
    /// The final word that a client was told first.
    pub(super) told: Option<String>,
    /// How a request to cancel was answered.
    pub(super) cancel: Option<u16>,
    /// What a follower of the live log was given, if somebody followed it.
    pub(super) heard: Option<Heard>,
}

/// What a follower of a live log was given.
#[derive(Clone, Debug, Default)]
pub(super) struct Heard {
    /// As they came, without their ends.
    pub(super) lines: Vec<String>,
    /// Whether an answer came to its end and the deployment to its own: these are all lines, then.
    pub(super) to_the_end: bool,
}

/// What was not as it should be, unless such a blow did it.
#[derive(Clone, Debug)]
pub(super) struct Doubt {
    pub(super) id: String,
    pub(super) span: Span,
    pub(super) what: String,
    pub(super) unless: fn(&Hit) -> bool,
}

/// What clients saw.
#[derive(Debug, Default)]
pub(super) struct Book {
    pub(super) entries: BTreeMap<String, Entry>,
    pub(super) findings: Vec<Finding>,
    pub(super) doubts: Vec<Doubt>,
    /// Answers by route and status.
    pub(super) answers: BTreeMap<(&'static str, u16), u64>,
}

/// The book, shared by all clients.
#[derive(Clone, Debug, Default)]
pub(super) struct Ledger(Arc<Mutex<Book>>);

impl Ledger {
    pub(super) fn book(&self) -> MutexGuard<'_, Book> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(super) fn acknowledged(&self, id: &str, site: &Arc<Site>) {
        let entry = Entry {
            site: Arc::clone(site),
            acknowledged: Instant::now(),
            told: None,
            cancel: None,
            heard: None,
        };
        self.book().entries.entry(id.to_owned()).or_insert(entry);
    }

    pub(super) fn broke(&self, broken: Broken, id: &str, what: impl Into<String>) {
        self.book().findings.push(Finding { broken, id: id.to_owned(), what: what.into() });
    }

    pub(super) fn doubted(&self, doubt: Doubt) {
        self.book().doubts.push(doubt);
    }

    pub(super) fn answered(&self, route: &'static str, status: u16) {
        *self.book().answers.entry((route, status)).or_default() += 1;
    }

    /// A client was told this final word: it is the only one there will ever be.
    pub(super) fn told(&self, id: &str, word: &str) {
        let earlier = {
            let mut book = self.book();
            let Some(entry) = book.entries.get_mut(id) else { return };
            entry.told.get_or_insert_with(|| word.to_owned()).clone()
        };
        if earlier != word {
            self.broke(Broken::Twice, id, format!("a client was told {earlier} and later {word}"));
        }
    }

    pub(super) fn ids(&self) -> Vec<String> {
        self.book().entries.keys().cloned().collect()
    }
}

/// Whether it is a final word.
pub(super) fn is_final(word: &str) -> bool {
    matches!(word, "deployed" | "failed" | "cancelled")
}
