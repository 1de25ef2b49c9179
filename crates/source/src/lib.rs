//! Code in: git fetch, archive intake, the deterministic snapshot.
//!
//! Whatever a source comes from, it leaves here as one snapshot: regular files, folders and safe relative links, sorted,
//! under every limit of reliability.md §5. Untrusted bytes are capped first and parsed second, and never unpacked onto
//! this machine. What this crate is not: a store (callers bring the bytes and take the file) or a judge of what to build.

mod archive;
mod contents;
mod git;
mod host;
mod index;
mod link;
mod loose;
mod refusal;
mod snapshot;
mod spool;

pub use archive::{ArchiveError, ArchiveIntake, ArchiveKind, ArchiveUse, receive_archive};
pub use git::{Commit, GitFetch, SourceError, fetch_git};
pub use host::{HostCheck, check_host};
pub use index::FileMode;
pub use link::{LinkTarget, UnsafeLink};
pub use loose::{LooseError, LooseSource};
pub use refusal::Refusal;
pub use snapshot::{
    CorruptSnapshot, Snapshot, SnapshotEntries, SnapshotEntry, SnapshotInfo, SnapshotKind, SnapshotReader,
    VolumeLayout,
};
pub use spool::Spool;
