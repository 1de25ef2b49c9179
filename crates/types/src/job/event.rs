//! What somebody wants to happen to a job, and why it may not.

use super::{Holder, Restored};
use crate::{ClaimNumber, DeploymentState, Phase, QueueName, Sha256Digest, WorkerId};
use std::time::Duration;

/// What somebody wants to happen to a job.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Event {
    /// A Git source is to be fetched: – → uploading.
    QueueIntake,
    /// An archive was stored: – → uploaded. The claim is that of its snapshot.
    QueueBuild {
        /// Which intake claim's keys the snapshot has.
        source_claim: Option<ClaimNumber>,
    },
    /// A worker takes it.
    Claim {
        /// Who.
        worker: WorkerId,
        /// The request's own number.
        nonce: u64,
    },
    /// The holder is alive.
    Heartbeat(Holder),
    /// The holder goes on to the next phase; an earlier one is ignored (a late duplicate).
    EnterPhase(Holder, Phase),
    /// The intake holder has stored the snapshot: uploading → uploaded.
    SourceReady(Holder),
    /// The outcome is fixed: → settling.
    Decide {
        /// Who says so.
        by: Decider,
        /// The final state.
        state: DeploymentState,
        /// Digest of the bytes of `result.json`.
        digest: Sha256Digest,
    },
    /// `result.json` is in the store: settling → the final state.
    Settle,
    /// The holder shuts down; no attempt is spent.
    Drain(Holder),
    /// The holder could not, through no fault of the job.
    PlatformFault {
        /// Who.
        holder: Holder,
        /// How long the job rests.
        rest: Duration,
    },
    /// Somebody wants it to end.
    RequestCancel,
    /// The lease was seen expired twice.
    Reap(ClaimNumber),
    /// The worker knows nothing of a claim that is in its name: the reply was lost.
    Sweep(Holder),
    /// The rest is over.
    Promote,
    /// The store remembers it.
    Restore(Restored),
}

/// Who decides an outcome.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Decider {
    /// The holder of the claim.
    Holder(Holder),
    /// Whoever cancels a job that nobody holds.
    Canceller,
    /// The reaper of a claim whose lease is over, when nothing is left to try.
    Reaper(QueueName, ClaimNumber),
    /// Whoever sees that a job waited too long.
    QueueTimeout,
    /// Whoever adopts what a consumer that is not ours deployed.
    Foreign,
    /// Whoever puts a newer deployment in the place of a job that nobody holds.
    Superseder,
    /// The store: the job was restored.
    Store,
}

/// Why an event does not happen.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Refusal {
    /// There is no such job.
    #[error("no such job")]
    Unknown,
    /// The claim is no longer the one that counts, or its deadline has passed.
    #[error("the claim no longer holds the job")]
    LeaseLost,
    /// The job is not there to be taken.
    #[error("the job is not waiting")]
    NotWaiting,
    /// Somebody asked to cancel the job; only `cancelled` may be decided.
    #[error("the job is being cancelled")]
    Cancelled,
    /// No attempt is left.
    #[error("the attempts are used up")]
    AttemptsUsedUp,
    /// The claim's deadline has passed.
    #[error("the deadline has passed")]
    DeadlinePassed,
    /// The lease is alive, or another claim took its place.
    #[error("the lease is not over")]
    NotExpired,
    /// Another outcome was fixed before.
    #[error("the outcome is already decided")]
    AlreadyDecided,
    /// This decider may not decide this job as it stands.
    #[error("the job has moved on")]
    TooLate,
    /// The outcome is not fixed yet.
    #[error("the outcome is not decided")]
    NotDecided,
    /// The job is over.
    #[error("the job has ended as {0}")]
    Ended(DeploymentState),
}
