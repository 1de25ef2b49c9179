//! What the loops that keep the queue honest are told.

use shipstack_types::{ClaimNumber, DeploymentId, DeploymentState, QueueName, Timestamp};

/// A job that the reaper found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reaped {
    /// The job.
    pub id: DeploymentId,
    /// The queue of the claim.
    pub queue: QueueName,
    /// The claim whose lease is over.
    pub fence: ClaimNumber,
    /// What is to be done.
    pub verdict: Verdict,
}

/// What is to be done about a job that the reaper found.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// Nothing: it waits again, at the front.
    GivenBack,
    /// No attempt is left: decide it as failed (`worker_lost`).
    AttemptsUsedUp,
    /// The claim lasted longer than it may: decide it as failed.
    DeadlinePassed,
    /// It was to be cancelled when its holder died: decide it as cancelled.
    Cancelled,
    /// Its outcome was decided a lease ago and nobody settled it: settle it.
    NeedsSettling,
}

/// What was wrong with one job.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Repair {
    /// Nothing.
    Nothing,
    /// Nothing is known of it but its name: restore it from the store.
    Unknown,
    /// It waited and was in no list; it is in one now.
    Requeued,
    /// It was held without a lease, or its record was damaged; the reaper will find it.
    GivenExpiredLease,
    /// `status` said something else; it says the truth now.
    StatusRewritten,
    /// Its outcome is decided: settle it.
    NeedsSettling,
    /// Somebody asked to cancel it and nobody decided it: decide it as [`crate::Decider::Canceller`].
    CancelPending,
    /// It waited longer than it may: decide it as [`crate::Decider::QueueTimeout`].
    QueueTimeout,
    /// A consumer that is not ours says `deployed`: look into the store, decide as [`crate::Decider::Foreign`].
    ForeignDeployed,
}

/// What is wrong with a job in the state, and what else whoever audits it has to know.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Audit {
    /// What should not be. What reconcile mends within a minute is among it.
    pub amiss: Vec<Amiss>,
    /// Number of the newest build claim; 0 before the first, and for one that was restored after its end.
    pub build_fence: u32,
    /// Since when the state knows it; `None` for one that was restored after its end.
    pub since: Option<Timestamp>,
}

/// Something that should not be of a job in the state.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Amiss {
    /// Its record cannot be read.
    Damaged,
    /// It was taken more often than the rules allow.
    TooOften {
        /// Claims of its queue that count.
        attempts: u32,
        /// Claims of its queue in all.
        deliveries: u32,
    },
    /// Its lease is over for so long that nobody reaps.
    LeaseLongOver,
    /// It is unfinished and in none of the lists that its standing has.
    InNoList,
}

/// A job as the object store remembers it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RestoredJob {
    /// The job.
    pub id: DeploymentId,
    /// The project or repository it counts as.
    pub group: String,
    /// How far it was.
    pub state: Restored,
    /// The highest intake claim that has objects; 0 for none.
    pub intake_fence: u32,
    /// The highest build claim that has objects; 0 for none.
    pub build_fence: u32,
    /// Attempts spent in the queue it was in; at least one is left to it.
    pub attempt: u32,
    /// The intake claim whose snapshot counts.
    pub source_claim: Option<ClaimNumber>,
    /// When it was accepted.
    pub created_at: Timestamp,
}

impl RestoredJob {
    /// One that is over: nothing of it is ever claimed again, so its counters do not matter.
    #[must_use]
    pub fn ended(id: DeploymentId, state: DeploymentState, created_at: Timestamp) -> Self {
        Self {
            group: format!("id:{id}"),
            id,
            state: Restored::Terminal(state),
            intake_fence: 0,
            build_fence: 0,
            attempt: 0,
            source_claim: None,
            created_at,
        }
    }
}

/// How far a restored job was.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Restored {
    /// Its result is in the store.
    Terminal(DeploymentState),
    /// It never began in this queue.
    Waiting {
        /// The queue.
        queue: QueueName,
    },
    /// A claim began then and may be alive: it waits until two leases after, and at least one lease from now.
    LastClaimAt {
        /// The queue.
        queue: QueueName,
        /// When the claim's marker was written.
        at: Timestamp,
    },
}
