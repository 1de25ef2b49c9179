//! From the bytes of an output folder to checked artifacts: names, kinds, sizes and links (build.md §4).
//!
//! Everything here is hostile: it was written by a build. Nothing is unpacked; a file is read once, into memory when it
//! is small and into an unlinked temporary file when it is not, and handed on while the rest is still being read.

mod check;
mod from_snapshot;
mod from_tar;
mod links;
mod outline;
mod read;

pub(crate) use from_snapshot::read_snapshot;
pub(crate) use from_tar::read_tar;
pub(crate) use links::{LinkedCopy, resolve_links};
pub use outline::outline;
pub(crate) use read::{Collector, OutputError, OutputFile, OutputSummary, Told};
