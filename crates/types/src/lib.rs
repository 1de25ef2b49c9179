//! The vocabulary of shipstack: ids, states, records, limits. Pure: no I/O, no clock of its own, no async.
//!
//! Everything that crosses a process boundary or a crate boundary is a type of this crate, parsed at the edge into
//! something that cannot be wrong. What it is not: a place for helpers, or for anything that knows Redis, S3 or Docker.

mod builds;
mod check;
mod claim;
mod codes;
mod deployment;
mod digest;
mod egress;
mod failure;
mod git_ref;
mod git_url;
mod hosts;
mod id;
pub mod job;
mod limits;
mod listing;
mod log;
mod log_format;
mod manifest;
mod net;
#[cfg(feature = "openapi")]
mod openapi;
mod options;
mod path;
mod phase;
mod plan;
mod plan_view;
mod records;
mod source_name;
mod state;
mod time;
mod trace_parent;
mod tree;

pub use builds::{BuildAttempt, Builds};
pub use check::Check;
pub use claim::{ClaimNumber, QueueName, WorkerId};
pub use codes::{Code, CodeInfo, Fault};
pub use deployment::{Deployment, SourceView};
pub use digest::Sha256Digest;
pub use egress::{EgressBounds, EgressOptions, EgressRefusal, InvalidNetworkAccess, NetworkAccess};
pub use failure::{Failure, Stage};
pub use git_ref::{GitRef, InvalidGitRef};
pub use git_url::{GitUrl, InvalidGitUrl};
pub use hosts::{HostAllowList, InvalidHostEntry};
pub use id::{DeploymentId, InvalidDeploymentId};
pub use limits::{ArchiveLimits, BuildLimits, BuildProfile, OutputLimits, SourceLimits};
pub use listing::{DeploymentList, InvalidCursor, ListCursor};
pub use log::{LogLine, LogStream};
pub use log_format::LogFormat;
pub use manifest::{Manifest, ManifestEntry, SiteRules, SpaMode};
pub use net::is_public;
pub use options::{BuildOptions, InvalidOption};
pub use path::{InvalidRelPath, RelPath};
pub use phase::{Phase, PhaseTiming};
pub use plan::{BuildPlan, BuildStep, Framework, OutputFolder, PackageManager, PlanKind};
pub use plan_view::PlanView;
pub use records::{
    Birth, ClaimMark, DeletedMark, EgressHost, EgressReceipt, IdempotencyMark, Published, ResultRecord,
    SourceInfo, SourceRequest,
};
pub use source_name::{InvalidSourceName, SourceName};
pub use state::DeploymentState;
pub use time::{Clock, SystemClock, Timestamp};
pub use trace_parent::{InvalidTraceParent, TraceParent};
pub use tree::{SourceTree, TreeEntry};
