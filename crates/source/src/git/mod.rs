//! Git fetch: a repository at one commit becomes a snapshot, without a checkout.
//!
//! The git command line runs in a clean environment, in a process group of its own, under limits of memory and file
//! size, bare, with the host's addresses pinned; `ls-tree` and `cat-file` are read through pipes and their content goes
//! straight into the snapshot. No hook, filter, link or case twin ever touches this machine's disk. What it is not: a
//! cache of repositories, or a way to reach private ones.

mod blobs;
mod classify;
mod command;
mod error;
mod fetch;
mod group;
mod listing;
mod progress;
mod request;
mod take;

pub use error::SourceError;
pub use fetch::fetch_git;
pub use request::{Commit, GitFetch};
