//! What needs store and state at once: birth, claims, settling, reindex, reconcile, and what a host leads to.
//!
//! The store is the record, the state is the queue; the order of the writes between them is the whole of this crate.
//! A birth is in the store before its id is queued, a result is in the store before its end is visible, and whatever
//! died between two writes is finished by whoever finds it. What it is not: a place that knows git, Docker or HTTP.

mod accept;
mod adopt;
mod builds;
mod cancel;
mod connect;
mod delete;
mod error;
mod files;
mod foreign;
mod heartbeat;
mod housekeeping;
mod idempotency;
mod job;
mod list;
mod log;
mod objects;
mod outcome;
mod readiness;
mod records;
mod redeploy;
mod reindex;
mod runner;
mod settle;
mod sites;
mod supersede;
mod sweep;
#[cfg(test)]
mod tests;
mod verify;
mod view;

pub use accept::{ArchiveSource, NewDeployment, group_of_repository};
pub use cancel::Cancelled;
pub use connect::{ConnectError, RecordsSettings, connect_store};
pub use error::RecordsError;
pub use files::PublishedFiles;
pub use idempotency::Reserving;
pub use job::{Handler, Job, JobEnd, StopReason};
pub use log::{HiddenSearch, HiddenValues, JobLog, LogDecoder, LogPiece, LogReader};
pub use outcome::BuildReport;
pub use records::Records;
pub use redeploy::Redeployed;
pub use runner::{RunnerConfig, Take, run_queue};
pub use sites::Site;
pub use verify::{Compare, Depth, Finding, Verified};
pub use view::PublicUrl;
