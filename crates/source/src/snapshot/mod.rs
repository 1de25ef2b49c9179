//! The snapshot: a source tree as one file, written the same way whatever the tree came from.

pub(crate) mod emit;
mod files;
mod read;
mod tree;
mod volume;
pub(crate) mod write;

pub use files::{SnapshotEntries, SnapshotEntry, SnapshotKind};
pub use read::{CorruptSnapshot, SnapshotReader};
pub use volume::VolumeLayout;

use shipstack_types::Sha256Digest;
use std::path::Path;
use tempfile::NamedTempFile;

/// What is known about a snapshot.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SnapshotInfo {
    /// Digest of the stored file; equal trees have equal digests.
    pub sha256: Sha256Digest,
    /// Size of the stored file, in bytes.
    pub stored_bytes: u64,
    /// All regular files together, in bytes.
    pub bytes: u64,
    /// Regular files and links.
    pub files: u64,
    /// What was left out and why, for the log and `source.json`.
    pub warnings: Vec<String>,
}

/// A finished snapshot in a temporary file that goes when this is dropped.
#[derive(Debug)]
pub struct Snapshot {
    file: NamedTempFile,
    /// What is known about it.
    pub info: SnapshotInfo,
}

impl Snapshot {
    pub(crate) fn new(file: NamedTempFile, info: SnapshotInfo) -> Self {
        Self { file, info }
    }

    /// Where the file is, as long as this lives.
    #[must_use]
    pub fn path(&self) -> &Path {
        self.file.path()
    }

    /// Reads it back; the file goes with the last clone of the reader.
    #[must_use]
    pub fn into_reader(self) -> SnapshotReader {
        SnapshotReader::holding(self.file)
    }

    /// Reads it back.
    #[must_use]
    pub fn reader(&self) -> SnapshotReader {
        SnapshotReader::at(self.path())
    }
}
