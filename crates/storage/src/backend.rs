//! The small face that a backend has, and the enum that dispatches to it. Policy lives above, in `store`.

use std::future::Future;

use shipstack_types::Timestamp;

use crate::folder::Folder;
use crate::memory::Memory;
use crate::s3::S3;
use crate::{Object, PutBody, StoreError};

/// An object as a backend lists it.
#[derive(Debug)]
pub(crate) struct RawEntry {
    pub(crate) key: String,
    pub(crate) bytes: u64,
    pub(crate) stored_at: Option<Timestamp>,
}

/// A page as a backend gives it.
#[derive(Debug, Default)]
pub(crate) struct RawPage {
    pub(crate) entries: Vec<RawEntry>,
    pub(crate) next: Option<String>,
}

/// A page of folder names, without slashes.
#[derive(Debug, Default)]
pub(crate) struct FolderPage {
    pub(crate) names: Vec<String>,
    pub(crate) next: Option<String>,
}

/// Where a listing goes on, and how much of it is wanted.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Cursor<'a> {
    /// What an earlier page gave as `next`; opaque, each backend's own.
    pub(crate) after: Option<&'a str>,
    pub(crate) limit: usize,
}

/// One attempt at each operation; nothing here retries or waits longer than the caller does.
pub(crate) trait Backend {
    /// Whether the store is there and lets us in.
    fn check(&self) -> impl Future<Output = Result<(), StoreError>> + Send;
    /// Stores the whole body, or nothing.
    fn put(
        &self,
        key: &str,
        body: PutBody,
        content_type: Option<&str>,
    ) -> impl Future<Output = Result<(), StoreError>> + Send;
    /// Copies an object with its content type; `false` when it is not there.
    fn copy(&self, from: &str, to: &str) -> impl Future<Output = Result<bool, StoreError>> + Send;
    /// Opens an object.
    fn get(&self, key: &str) -> impl Future<Output = Result<Option<Object>, StoreError>> + Send;
    /// Opens several objects, in the order of their keys.
    fn get_each(
        &self,
        keys: &[String],
    ) -> impl Future<Output = Result<Vec<Option<Object>>, StoreError>> + Send;
    /// The length of an object.
    fn length(&self, key: &str) -> impl Future<Output = Result<Option<u64>, StoreError>> + Send;
    /// Removes an object; none there is as good.
    fn delete(&self, key: &str) -> impl Future<Output = Result<(), StoreError>> + Send;
    /// The objects under a prefix that ends with a slash.
    fn list(
        &self,
        prefix: &str,
        cursor: Cursor<'_>,
    ) -> impl Future<Output = Result<RawPage, StoreError>> + Send;
    /// The folders directly under a prefix that ends with a slash.
    fn folders(
        &self,
        prefix: &str,
        cursor: Cursor<'_>,
    ) -> impl Future<Output = Result<FolderPage, StoreError>> + Send;
}

/// The backend that was configured.
#[derive(Debug)]
pub(crate) enum AnyBackend {
    Memory(Memory),
    Folder(Folder),
    S3(Box<S3>),
}

/// Calls the same method of whichever backend it is.
macro_rules! each {
    ($any:expr, $backend:ident => $call:expr) => {
        match $any {
            AnyBackend::Memory($backend) => $call.await,
            AnyBackend::Folder($backend) => $call.await,
            AnyBackend::S3($backend) => $call.await,
        }
    };
}

impl Backend for AnyBackend {
    async fn check(&self) -> Result<(), StoreError> {
        each!(self, backend => backend.check())
    }

    async fn put(&self, key: &str, body: PutBody, content_type: Option<&str>) -> Result<(), StoreError> {
        each!(self, backend => backend.put(key, body, content_type))
    }

    async fn copy(&self, from: &str, to: &str) -> Result<bool, StoreError> {
        each!(self, backend => backend.copy(from, to))
    }

    async fn get(&self, key: &str) -> Result<Option<Object>, StoreError> {
        each!(self, backend => backend.get(key))
    }

    async fn get_each(&self, keys: &[String]) -> Result<Vec<Option<Object>>, StoreError> {
        each!(self, backend => backend.get_each(keys))
    }

    async fn length(&self, key: &str) -> Result<Option<u64>, StoreError> {
        each!(self, backend => backend.length(key))
    }

    async fn delete(&self, key: &str) -> Result<(), StoreError> {
        each!(self, backend => backend.delete(key))
    }

    async fn list(&self, prefix: &str, cursor: Cursor<'_>) -> Result<RawPage, StoreError> {
        each!(self, backend => backend.list(prefix, cursor))
    }

    async fn folders(&self, prefix: &str, cursor: Cursor<'_>) -> Result<FolderPage, StoreError> {
        each!(self, backend => backend.folders(prefix, cursor))
    }
}
