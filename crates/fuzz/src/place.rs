//! A runtime and a spool, with a folder for it that is gone when they are.

use bytes::Bytes;
use futures_util::stream;
use shipstack_source::{ArchiveError, ArchiveIntake, Snapshot, Spool, receive_archive};
use std::convert::Infallible;
use tempfile::TempDir;
use tokio::runtime::{Builder, Runtime};

pub(crate) struct Place {
    pub(crate) runtime: Runtime,
    pub(crate) spool: Spool,
    // After the spool, which lies in it.
    _base: TempDir,
}

impl Place {
    fn new() -> Self {
        let base = TempDir::new().unwrap();
        let spool = Spool::open(base.path()).unwrap();
        let runtime = Builder::new_current_thread().enable_all().build().unwrap();
        Self { runtime, spool, _base: base }
    }

    /// Takes an archive in that arrives in these pieces.
    pub(crate) fn take(&self, pieces: &[&[u8]], intake: &ArchiveIntake) -> Result<Snapshot, ArchiveError> {
        let pieces: Vec<Result<Bytes, Infallible>> =
            pieces.iter().map(|piece| Ok(Bytes::copy_from_slice(piece))).collect();
        self.runtime.block_on(receive_archive(stream::iter(pieces), intake.clone(), &self.spool))
    }

    /// How many files there are in the spool, its lock apart.
    pub(crate) fn left_over(&self) -> usize {
        std::fs::read_dir(self.spool.path()).unwrap().count() - 1
    }
}

/// Works in a place of its own, which is gone afterwards: one for each thread would outlive the last test.
pub(crate) fn with_place(work: impl FnOnce(&Place)) {
    work(&Place::new());
}
