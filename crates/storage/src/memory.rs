//! A store in memory, for tests of what stands above. It never fails and forgets everything with the process.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::Bound::{Excluded, Unbounded};
use std::sync::{Mutex, MutexGuard, PoisonError};

use bytes::Bytes;
use futures_util::future::try_join_all;
use futures_util::{StreamExt, TryStreamExt, stream};
use shipstack_types::{Clock as _, SystemClock, Timestamp};

use crate::backend::{Backend, Cursor, FolderPage, RawEntry, RawPage};
use crate::body::file_chunks;
use crate::{Object, PutBody, StoreError};

#[derive(Debug, Clone)]
struct Stored {
    bytes: Bytes,
    content_type: Option<String>,
    at: Timestamp,
}

impl Stored {
    fn length(&self) -> u64 {
        u64::try_from(self.bytes.len()).unwrap_or(u64::MAX)
    }
}

/// Objects by key.
#[derive(Debug, Default)]
pub(crate) struct Memory {
    objects: Mutex<BTreeMap<String, Stored>>,
}

impl Memory {
    fn objects(&self) -> MutexGuard<'_, BTreeMap<String, Stored>> {
        self.objects.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Backend for Memory {
    async fn check(&self) -> Result<(), StoreError> {
        Ok(())
    }

    async fn put(&self, key: &str, body: PutBody, content_type: Option<&str>) -> Result<(), StoreError> {
        let bytes = match body {
            PutBody::Bytes(bytes) => bytes,
            PutBody::File { file, length } => {
                let chunks: Vec<Bytes> = file_chunks(file, length)
                    .try_collect()
                    .await
                    .map_err(|error| StoreError::from_io(key, error))?;
                chunks.concat().into()
            }
        };
        let content_type = content_type.map(str::to_owned);
        let stored = Stored { bytes, content_type, at: SystemClock.now() };
        self.objects().insert(key.to_owned(), stored);
        Ok(())
    }

    async fn copy(&self, from: &str, to: &str) -> Result<bool, StoreError> {
        let mut objects = self.objects();
        let Some(stored) = objects.get(from).cloned() else { return Ok(false) };
        objects.insert(to.to_owned(), Stored { at: SystemClock.now(), ..stored });
        Ok(true)
    }

    async fn get(&self, key: &str) -> Result<Option<Object>, StoreError> {
        let stored = self.objects().get(key).cloned();
        Ok(stored.map(|stored| Object {
            length: stored.length(),
            content_type: stored.content_type,
            body: stream::iter([Ok(stored.bytes)]).boxed(),
        }))
    }

    async fn get_each(&self, keys: &[String]) -> Result<Vec<Option<Object>>, StoreError> {
        try_join_all(keys.iter().map(|key| self.get(key))).await
    }

    async fn length(&self, key: &str) -> Result<Option<u64>, StoreError> {
        Ok(self.objects().get(key).map(Stored::length))
    }

    async fn delete(&self, key: &str) -> Result<(), StoreError> {
        self.objects().remove(key);
        Ok(())
    }

    async fn list(&self, prefix: &str, cursor: Cursor<'_>) -> Result<RawPage, StoreError> {
        // No key equals a prefix: keys never end with a slash.
        let from = cursor.after.unwrap_or(prefix).to_owned();
        let objects = self.objects();
        let mut under = objects
            .range((Excluded(from), Unbounded))
            .take_while(|(key, _)| key.starts_with(prefix))
            .peekable();
        let listed = |(key, stored): (&String, &Stored)| RawEntry {
            key: key.clone(),
            bytes: stored.length(),
            stored_at: Some(stored.at),
        };
        let entries: Vec<_> = under.by_ref().take(cursor.limit).map(listed).collect();
        let next = under.peek().and_then(|_| entries.last()).map(|entry| entry.key.clone());
        Ok(RawPage { entries, next })
    }

    async fn folders(&self, prefix: &str, cursor: Cursor<'_>) -> Result<FolderPage, StoreError> {
        let objects = self.objects();
        let names: BTreeSet<&str> = objects
            .keys()
            .filter_map(|key| Some(key.strip_prefix(prefix)?.split_once('/')?.0))
            .filter(|name| cursor.after.is_none_or(|after| *name > after))
            .collect();
        Ok(page_of(names.into_iter().map(str::to_owned), cursor.limit))
    }
}

/// The first names of a sorted sequence, as a page whose cursor is its last name.
pub(crate) fn page_of(names: impl Iterator<Item = String>, limit: usize) -> FolderPage {
    let mut names = names.peekable();
    let page: Vec<String> = names.by_ref().take(limit).collect();
    let next = names.peek().and_then(|_| page.last().cloned());
    FolderPage { names: page, next }
}
