//! A spool of a test's own, and archives taken into it.

#![allow(dead_code, reason = "each test file uses its part")]

use bytes::Bytes;
use futures_util::stream;
use shipstack_source::{ArchiveError, ArchiveIntake, Snapshot, Spool, receive_archive};
use std::convert::Infallible;
use tempfile::TempDir;

/// A place for temporary files that must be empty in the end.
pub(crate) struct Place {
    _base: TempDir,
    pub(crate) spool: Spool,
}

impl Place {
    pub(crate) fn new() -> Self {
        let base = TempDir::new().unwrap();
        let spool = Spool::open(base.path()).unwrap();
        Self { _base: base, spool }
    }

    pub(crate) async fn take(&self, body: impl Into<Bytes>) -> Result<Snapshot, ArchiveError> {
        self.take_as(body, ArchiveIntake::default()).await
    }

    /// Takes a body that arrives in pieces.
    pub(crate) async fn take_as(
        &self,
        body: impl Into<Bytes>,
        intake: ArchiveIntake,
    ) -> Result<Snapshot, ArchiveError> {
        let body: Bytes = body.into();
        let pieces: Vec<Result<Bytes, Infallible>> =
            body.chunks(60_000).map(|piece| Ok(Bytes::copy_from_slice(piece))).collect();
        receive_archive(stream::iter(pieces), intake, &self.spool).await
    }

    /// Files left in the spool, its lock apart.
    pub(crate) fn left_over(&self) -> Vec<String> {
        let names = std::fs::read_dir(self.spool.path()).unwrap();
        let names = names.map(|entry| entry.unwrap().file_name().into_string().unwrap());
        names.filter(|name| name != ".lock").collect()
    }
}
