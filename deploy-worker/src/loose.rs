//! A bucket of the Node system: loose files under `output/<id>/` become a snapshot before they are built.

use crate::halt::Step;
use crate::open_source::{away, missing};
use shipstack_records::Job;
use shipstack_source::{SnapshotReader, Spool};
use shipstack_storage::KeyPrefix;

/// Gathers the loose files of this id; without any there is no source.
pub(crate) async fn loose_source(job: &Job, spool: &Spool) -> Step<SnapshotReader> {
    let _ = (job, spool, KeyPrefix::Loose(job.claim.id.clone()), away);
    Err(missing())
}
