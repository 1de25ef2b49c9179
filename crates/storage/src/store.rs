//! The store as everybody uses it: any backend, with retries, deadlines and caps around it.

use std::future::ready;
use std::pin::Pin;
use std::sync::Arc;

use bytes::Bytes;
use futures_util::TryStreamExt;
use shipstack_service::Metric;

use crate::backend::{AnyBackend, Backend, Cursor, RawEntry};
use crate::folder::Folder;
use crate::key::DEPLOYMENTS;
use crate::memory::Memory;
use crate::s3::S3;
use crate::{
    DeploymentPage, KeyPrefix, ListPage, Listed, Object, ObjectKey, Patience, PutBody, StoreConfig,
    StoreError,
};

/// Most bytes of one object: what S3 takes in one request.
const MAX_OBJECT_BYTES: u64 = 5 * 1024 * 1024 * 1024;
/// Entries of a page: what S3 gives at most.
const PAGE: usize = 1000;

/// The object store. Cheap to clone; clones share connections.
///
/// A call that is dropped half-way leaves either the whole object or none of it, and may still take effect.
#[derive(Debug, Clone)]
pub struct Store {
    backend: Arc<AnyBackend>,
    patience: Patience,
    page: usize,
}

impl Store {
    /// Prepares the store that was configured. Nothing is asked of a remote one yet: see [`check`](Self::check).
    pub async fn connect(config: &StoreConfig) -> Result<Self, StoreError> {
        let backend = match config {
            StoreConfig::Memory => AnyBackend::Memory(Memory::default()),
            StoreConfig::Folder { path } => AnyBackend::Folder(Folder::open(path).await?),
            StoreConfig::S3(config) => AnyBackend::S3(Box::new(S3::connect(config).await)),
        };
        Ok(Self { backend: Arc::new(backend), patience: Patience::JOB, page: PAGE })
    }

    /// The same store for a caller who waits longer or shorter. A new store has [`Patience::JOB`].
    #[must_use]
    pub fn with_patience(&self, patience: Patience) -> Self {
        Self { patience, ..self.clone() }
    }

    /// The same store with pages of at most `entries`, between 1 and 1,000.
    #[must_use]
    pub fn with_pages_of(&self, entries: usize) -> Self {
        Self { page: entries.clamp(1, PAGE), ..self.clone() }
    }

    /// Whether the store is there and lets us in; asked once, not retried, for readiness.
    pub async fn check(&self) -> Result<(), StoreError> {
        self.in_time("the store", Box::pin(self.backend.check())).await
    }

    /// Stores an object, whole or not at all. `content_type` is kept where the backend keeps one.
    pub async fn put(
        &self,
        key: &ObjectKey,
        body: PutBody,
        content_type: Option<&str>,
    ) -> Result<(), StoreError> {
        self.put_while(key, body, content_type, || ready(Ok::<_, StoreError>(true))).await.map(drop)
    }

    /// Stores an object in the same way, and asks before every try whether it still is to be stored; `false` when it is not.
    pub async fn put_while<E, F>(
        &self,
        key: &ObjectKey,
        body: PutBody,
        content_type: Option<&str>,
        is_wanted: impl Fn() -> F,
    ) -> Result<bool, E>
    where
        E: From<StoreError>,
        F: Future<Output = Result<bool, E>>,
    {
        let key = spelled(key)?;
        let length = body.length();
        if length > MAX_OBJECT_BYTES {
            return Err(StoreError::TooLarge { key, limit: MAX_OBJECT_BYTES }.into());
        }
        let attempt = || async {
            match is_wanted().await {
                Ok(true) => self.backend.put(&key, body.clone(), content_type).await.map(|()| Ok(true)),
                not_wanted => Ok(not_wanted),
            }
        };
        counted("put", self.patience.retry(length, &key, attempt).await)?
    }

    /// Copies an object to another key, where the store is; `false` when there is none. Objects are written once, so a
    /// copy stays equal.
    pub async fn copy(&self, from: &ObjectKey, to: &ObjectKey) -> Result<bool, StoreError> {
        let (from, to) = (spelled(from)?, spelled(to)?);
        // As long as sending it would take: some stores copy byte by byte.
        let length = self.patience.retry(0, &from, || self.backend.length(&from)).await?;
        let Some(length) = length else { return Ok(false) };
        self.patience.retry(length, &to, || self.backend.copy(&from, &to)).await
    }

    /// Opens an object; `None` when it is not there. Opening is retried, a body that breaks is not: its error says
    /// that the bytes before it are not the whole.
    pub async fn get(&self, key: &ObjectKey) -> Result<Option<Object>, StoreError> {
        let key = spelled(key)?;
        let object = counted("get", self.patience.retry(0, &key, || self.backend.get(&key)).await)?;
        Ok(object.map(|object| object.checked(&key, self.patience.attempt)))
    }

    /// Reads a whole object of at most `max_bytes`; `None` when it is not there. A body that breaks is read again.
    pub async fn read(&self, key: &ObjectKey, max_bytes: u64) -> Result<Option<Bytes>, StoreError> {
        let key = spelled(key)?;
        counted("read", self.patience.retry(max_bytes, &key, || self.read_once(&key, max_bytes)).await)
    }

    /// Reads several whole objects of at most `max_bytes` each, in the order of their keys. Cheaper than one by one where
    /// the store is a folder, and no slower than the slowest of them elsewhere.
    pub async fn read_each<const N: usize>(
        &self,
        keys: &[ObjectKey; N],
        max_bytes: u64,
    ) -> Result<[Option<Bytes>; N], StoreError> {
        let keys = keys.iter().map(spelled).collect::<Result<Vec<_>, _>>()?;
        let all = keys.join(" or ");
        let read = self.patience.retry(max_bytes, &all, || self.read_each_once(&keys, &all, max_bytes)).await;
        let mut read = counted("read", read)?.into_iter();
        Ok(std::array::from_fn(|_| read.next().flatten()))
    }

    /// The object's length; `None` when it is not there.
    pub async fn exists(&self, key: &ObjectKey) -> Result<Option<u64>, StoreError> {
        let key = spelled(key)?;
        counted("exists", self.patience.retry(0, &key, || self.backend.length(&key)).await)
    }

    /// Removes an object; one that is not there is as good.
    pub async fn delete(&self, key: &ObjectKey) -> Result<(), StoreError> {
        let key = spelled(key)?;
        counted("delete", self.patience.retry(0, &key, || self.backend.delete(&key)).await)
    }

    /// Removes an object that a listing named, whatever its name; one that is not there is as good.
    pub async fn delete_listed(&self, listed: &Listed) -> Result<(), StoreError> {
        self.patience.retry(0, &listed.key, || self.backend.delete(&listed.key)).await
    }

    /// A page of the objects under `prefix`. `after` is what the page before gave as `next`.
    pub async fn list(&self, prefix: &KeyPrefix, after: Option<&str>) -> Result<ListPage, StoreError> {
        let prefix = prefix.to_string();
        let cursor = Cursor { after, limit: self.page };
        // On the heap, so that what looks through records stays small.
        let list = || Box::pin(self.backend.list(&prefix, cursor));
        let page = counted("list", self.patience.retry(0, &prefix, list).await)?;
        let listed = |RawEntry { key, bytes, stored_at }| {
            let path = key.strip_prefix(&prefix)?.to_owned();
            // Some stores list a marker object for the folder itself.
            (!path.is_empty() && !path.ends_with('/')).then_some(Listed { key, path, bytes, stored_at })
        };
        Ok(ListPage { entries: page.entries.into_iter().filter_map(listed).collect(), next: page.next })
    }

    /// A page of the deployments that have any object. `after` is what the page before gave as `next`.
    pub async fn list_deployments(&self, after: Option<&str>) -> Result<DeploymentPage, StoreError> {
        let cursor = Cursor { after, limit: self.page };
        let folders = self.patience.retry(0, DEPLOYMENTS, || self.backend.folders(DEPLOYMENTS, cursor)).await;
        let page = counted("list", folders)?;
        let ids = page.names.iter().filter_map(|name| name.parse().ok()).collect();
        Ok(DeploymentPage { ids, next: page.next })
    }

    async fn read_once(&self, key: &str, limit: u64) -> Result<Option<Bytes>, StoreError> {
        match self.in_time(key, Box::pin(self.backend.get(key))).await? {
            Some(object) => self.whole(key, object, limit).await.map(Some),
            None => Ok(None),
        }
    }

    async fn read_each_once(
        &self,
        keys: &[String],
        all: &str,
        limit: u64,
    ) -> Result<Vec<Option<Bytes>>, StoreError> {
        let opened = self.in_time(all, Box::pin(self.backend.get_each(keys))).await?;
        let mut read = Vec::with_capacity(keys.len());
        for (key, object) in keys.iter().zip(opened) {
            read.push(match object {
                Some(object) => Some(self.whole(key, object, limit).await?),
                None => None,
            });
        }
        Ok(read)
    }

    /// What it waits for is on the heap, so that what reads records stays small.
    async fn in_time<T>(
        &self,
        key: &str,
        opening: Pin<Box<impl Future<Output = Result<T, StoreError>>>>,
    ) -> Result<T, StoreError> {
        let opened = tokio::time::timeout(self.patience.attempt, opening).await;
        opened.unwrap_or_else(|_| Err(StoreError::stalled(key)))
    }

    async fn whole(&self, key: &str, object: Object, limit: u64) -> Result<Bytes, StoreError> {
        if object.length > limit {
            return Err(StoreError::TooLarge { key: key.to_owned(), limit });
        }
        // The announced length is the cap: the checked body yields not a byte more.
        let chunks: Vec<Bytes> = object.checked(key, self.patience.attempt).body.try_collect().await?;
        Ok(match <[Bytes; 1]>::try_from(chunks) {
            Ok([only]) => only,
            Err(chunks) => chunks.concat().into(),
        })
    }
}

/// Counts a call that failed for good.
fn counted<T>(operation: &'static str, result: Result<T, StoreError>) -> Result<T, StoreError> {
    if result.is_err() {
        Metric::StoreErrors.add(1, &[operation]);
    }
    result
}

/// The key as text, if S3 would take it.
fn spelled(key: &ObjectKey) -> Result<String, StoreError> {
    let key = key.to_string();
    if key.len() > ObjectKey::MAX_BYTES { Err(StoreError::KeyTooLong { key }) } else { Ok(key) }
}
