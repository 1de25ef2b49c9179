//! Archive intake: a tar, plain or in gzip or zstd, checked member by member and written anew as a snapshot.
//!
//! Nothing is unpacked. The stream is decompressed under its limits, each raw header decides what a member is, the bytes
//! of regular files go into one unlinked file, and the snapshot is written from the index. What it is not: a reader of
//! zip, or of anything whose table of contents can disagree with its content.

mod body;
mod bounded;
mod error;
mod gather;
pub(crate) mod header;
mod intake;
mod kind;
mod pax;
mod receive;

pub use error::ArchiveError;
pub use intake::{ArchiveIntake, ArchiveUse};
pub use kind::ArchiveKind;
pub use receive::receive_archive;
