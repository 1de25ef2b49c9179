//! The bytes of files: small ones from memory by their digest, large ones straight from the store.
//!
//! **Guarantees**: what is remembered under a digest has that digest, so one site's bytes are never another's; a stream has the
//! exact length that was said, or ends in an error, which breaks the connection off.

use bytes::Bytes;
use futures_util::StreamExt;
use futures_util::stream::BoxStream;
use moka::future::Cache;
use shipstack_rules::File;
use shipstack_storage::{ObjectKey, Store, StoreError};
use shipstack_types::Sha256Digest;
use std::sync::Arc;

/// Files up to this size are kept in memory: pages, scripts and pictures, but no films.
const SMALL: u64 = 1024 * 1024;

/// The bytes of one file.
pub(crate) enum Content {
    /// All of them.
    Memory(Bytes),
    /// So many, as they come.
    Stream(u64, BoxStream<'static, Result<Bytes, StoreError>>),
}

/// Why a file that the manifest names cannot be sent.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub(crate) enum ContentError {
    /// The store is out of reach.
    #[error("a file cannot be read")]
    Unavailable(#[from] StoreError),
    /// The store answers, but not with the file that was published.
    #[error("the object {key} is missing or is not what was published")]
    Wrong {
        /// The object's key.
        key: String,
    },
}

/// The bytes of all sites.
pub(crate) struct Contents {
    store: Store,
    small: Cache<Sha256Digest, Bytes>,
}

impl Contents {
    /// With `room` bytes of memory for what is small.
    pub(crate) fn new(store: Store, room: u64) -> Self {
        let weight = |bytes: &Bytes| u32::try_from(bytes.len()).unwrap_or(u32::MAX);
        let small =
            Cache::builder().weigher(move |_, bytes: &Bytes| weight(bytes)).max_capacity(room).build();
        Self { store, small }
    }

    /// Opens a file. A small one is read once however many ask for it.
    pub(crate) async fn open(&self, file: &File<'_>, key: ObjectKey) -> Result<Content, Arc<ContentError>> {
        match file.sha256 {
            Some(digest) if file.bytes <= SMALL => {
                self.small(file.bytes, digest, key).await.map(Content::Memory)
            }
            // A listing may be older than the object; what counts is what the store says now.
            sha256 => self.stream(key, sha256.map(|_| file.bytes)).await.map_err(Arc::new),
        }
    }

    async fn small(
        &self,
        length: u64,
        digest: Sha256Digest,
        key: ObjectKey,
    ) -> Result<Bytes, Arc<ContentError>> {
        match self.small.get(&digest).await {
            Some(bytes) => Ok(bytes),
            None => Box::pin(self.small.try_get_with(digest, self.read_small(length, digest, key))).await,
        }
    }

    async fn read_small(
        &self,
        length: u64,
        digest: Sha256Digest,
        key: ObjectKey,
    ) -> Result<Bytes, ContentError> {
        let bytes = self.store.read(&key, length).await?;
        let wrong = || ContentError::Wrong { key: key.to_string() };
        // A store is not believed: under this digest the bytes would be every site's.
        bytes.filter(|bytes| Sha256Digest::of(bytes) == digest).ok_or_else(wrong)
    }

    async fn stream(&self, key: ObjectKey, length: Option<u64>) -> Result<Content, ContentError> {
        let object = self.store.get(&key).await?;
        let object = object.filter(|object| length.is_none_or(|length| object.length == length));
        let object = object.ok_or_else(|| ContentError::Wrong { key: key.to_string() })?;
        Ok(Content::Stream(object.length, object.body.boxed()))
    }
}
