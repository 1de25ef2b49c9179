//! Records as JSON objects of the store.

use crate::{Records, RecordsError};
use bytes::Bytes;
use serde::Serialize;
use serde::de::DeserializeOwned;
use shipstack_storage::{ObjectKey, PutBody, Store};
use shipstack_types::DeploymentId;

/// Cap on a record as it is read: a manifest of 100,000 files with names of 1,024 bytes fits; nothing else is near it.
const MAX_RECORD_BYTES: u64 = 160 * 1024 * 1024;

/// The record at a key; `None` when there is no such object.
pub(crate) async fn read_json<T: DeserializeOwned>(
    store: &Store,
    key: &ObjectKey,
) -> Result<Option<T>, RecordsError> {
    // On the heap, so that what reads several records stays small.
    let bytes = Box::pin(store.read(key, MAX_RECORD_BYTES)).await?;
    parse(key, bytes.as_ref())
}

/// What one look at the store found of a deployment.
pub(crate) enum Found<T> {
    /// It was deleted.
    Deleted,
    /// It was not, and this is the record, if it has one.
    Record(Option<T>),
}

impl<T> Found<T> {
    /// The record of a deployment that was not deleted.
    pub(crate) fn record(self) -> Option<T> {
        match self {
            Self::Deleted => None,
            Self::Record(record) => record,
        }
    }
}

/// The record at a key of this deployment, unless that was deleted.
pub(crate) async fn find_json<T: DeserializeOwned>(
    store: &Store,
    id: &DeploymentId,
    key: ObjectKey,
) -> Result<Found<T>, RecordsError> {
    let keys = [ObjectKey::Deleted(id.clone()), key];
    let [deleted, bytes] = Box::pin(store.read_each(&keys, MAX_RECORD_BYTES)).await?;
    let [_, key] = keys;
    if deleted.is_some() { Ok(Found::Deleted) } else { parse(&key, bytes.as_ref()).map(Found::Record) }
}

fn parse<T: DeserializeOwned>(key: &ObjectKey, bytes: Option<&Bytes>) -> Result<Option<T>, RecordsError> {
    let parsed = bytes.map(|bytes| serde_json::from_slice(bytes)).transpose();
    parsed.map_err(|source| RecordsError::Unreadable { key: key.to_string(), source })
}

/// Writes a record. Records are written once: whoever writes a key again writes equal bytes.
pub(crate) async fn write_json<T: Serialize>(
    store: &Store,
    key: &ObjectKey,
    record: &T,
) -> Result<(), RecordsError> {
    let bytes = to_bytes(record)?;
    Ok(store.put(key, PutBody::Bytes(bytes), Some("application/json")).await?)
}

/// A record as the bytes that are stored.
pub(crate) fn to_bytes<T: Serialize>(record: &T) -> Result<Bytes, RecordsError> {
    serde_json::to_vec(record).map(Bytes::from).map_err(|source| RecordsError::Unwritable { source })
}

impl Records {
    /// Writes a record of the caller's, such as a manifest.
    pub async fn write_record<T: Serialize>(&self, key: &ObjectKey, record: &T) -> Result<(), RecordsError> {
        write_json(&self.store, key, record).await
    }
}
