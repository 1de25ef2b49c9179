//! The stored source of a job, fetched and held to its digest; loose files of a Node bucket become a snapshot first.

use crate::halt::{Halt, Step};
use futures_util::StreamExt;
use shipstack_records::{Job, RecordsError};
use shipstack_source::{CorruptSnapshot, SnapshotReader, Spool};
use shipstack_storage::ObjectKey;
use shipstack_types::{ClaimNumber, Code, Failure, Phase, SourceLimits};

/// Fetches the snapshot that this job builds.
pub(crate) async fn open_source(job: &Job, limits: &SourceLimits, spool: &Spool) -> Step<SnapshotReader> {
    let (id, claim) = (&job.claim.id, job.claim.source_claim.unwrap_or(ClaimNumber::FIRST));
    let info = job.records.source_info(id, claim).await.map_err(|error| away(&error))?;
    let Some(info) = info else { return crate::loose::loose_source(job, limits, spool).await };
    let key = ObjectKey::Source { id: id.clone(), claim };
    let object = job.records.store.get(&key).await.map_err(|error| away(&error.into()))?;
    let object = object.ok_or_else(missing)?;
    SnapshotReader::fetch(object.body.boxed(), info.sha256, spool).await.map_err(|error| corrupt(&error))
}

/// There is no source under this id.
pub(crate) fn missing() -> Halt {
    Failure::new(Phase::Preparing, Code::SourceMissing).into()
}

/// The store, or the state, could not be reached.
pub(crate) fn away(error: &RecordsError) -> Halt {
    tracing::warn!(%error, "the source could not be read");
    match error {
        RecordsError::State(shipstack_state::StateError::LeaseLost { .. }) => Halt::Stopped,
        error => Failure::new(Phase::Preparing, error.code()).into(),
    }
}

/// The stored snapshot is not what was stored, or it could not be had.
pub(crate) fn corrupt(error: &CorruptSnapshot) -> Halt {
    tracing::warn!(%error, "the stored source is unusable");
    let code = match error {
        CorruptSnapshot::Fetch(_) => Code::StoreUnavailable,
        CorruptSnapshot::Spool(_) => Code::DiskFull,
        _ => Code::SourceCorrupt,
    };
    Failure::new(Phase::Preparing, code).into()
}
