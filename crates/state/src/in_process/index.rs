//! The index of deployments, of their children and of idempotency keys.

use super::book::Book;
use crate::wake::Topic;
use crate::{Change, IndexEntry, IndexQuery, Reservation, Reserved, StateEvent};
use shipstack_types::job::Standing;
use shipstack_types::{DeploymentId, DeploymentState, ListCursor, Sha256Digest, Timestamp};
use std::collections::{BTreeSet, HashMap};

/// Sorted by time of acceptance: all ids together, and those of each word.
#[derive(Debug, Default)]
pub(super) struct Index {
    lists: HashMap<Option<DeploymentState>, BTreeSet<IndexEntry>>,
    children: HashMap<DeploymentId, BTreeSet<IndexEntry>>,
    reserved: HashMap<Sha256Digest, (Reserved, Timestamp)>,
}

impl Index {
    /// Puts an id into the list of all and into that of its word, out of that of its last one.
    pub(super) fn enter(&mut self, entry: IndexEntry, last: Option<DeploymentState>, word: DeploymentState) {
        if let Some(last) = last {
            self.lists.entry(Some(last)).or_default().remove(&entry);
        }
        self.lists.entry(None).or_default().insert(entry.clone());
        self.lists.entry(Some(word)).or_default().insert(entry);
    }

    fn remove(&mut self, entry: &IndexEntry) {
        for list in self.lists.values_mut() {
            list.remove(entry);
        }
        self.children.remove(&entry.id);
    }
}

pub(super) fn list(book: &Book, query: &IndexQuery) -> Vec<IndexEntry> {
    let Some(list) = book.index.lists.get(&query.status) else { return Vec::new() };
    let newest_first: Box<dyn Iterator<Item = &IndexEntry>> = match &query.after {
        Some(after) => Box::new(list.range(..after).rev()),
        None => Box::new(list.iter().rev()),
    };
    newest_first.take(query.most).cloned().collect()
}

pub(super) fn forget(book: &mut Book, id: &DeploymentId) -> bool {
    let Some(entry) = book.entries.get(id) else { return true };
    if !matches!(entry.job.standing, Standing::Ended(_)) {
        return false;
    }
    let (at, job) = (entry.created_at, entry.job.clone());
    book.entries.remove(id);
    book.index.remove(&ListCursor { at, id: id.clone() });
    book.push_event(|cursor| StateEvent {
        cursor,
        id: id.clone(),
        word: "deleted".to_owned(),
        status: job.word(),
        phase: job.phase,
        claim: job.fence(),
        change: Change::Deleted,
    });
    book.wake(Topic::Job(id.clone()));
    true
}

pub(super) fn add_child(book: &mut Book, parent: &DeploymentId, child: ListCursor) {
    book.index.children.entry(parent.clone()).or_default().insert(child);
}

pub(super) fn children(book: &Book, parent: &DeploymentId, most: usize) -> Vec<DeploymentId> {
    let children = book.index.children.get(parent).into_iter().flatten().rev();
    children.take(most).map(|child| child.id.clone()).collect()
}

pub(super) fn reserve(book: &mut Book, wanted: &Reservation) -> Reserved {
    let now = book.now();
    book.index.reserved.retain(|_, (_, until)| *until > now);
    let first = || {
        let reserved = Reserved { id: wanted.id.clone(), request: wanted.mark.request };
        (reserved, now.plus(wanted.lasting))
    };
    book.index.reserved.entry(wanted.mark.key).or_insert_with(first).0.clone()
}
