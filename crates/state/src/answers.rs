//! What callers ask of one job, and what they are told.

use crate::Claim;
use bytes::Bytes;
use shipstack_types::{ClaimNumber, DeploymentId, DeploymentState, QueueName};
use std::time::Duration;

/// What a heartbeat brings back.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Heartbeat {
    /// Somebody asked to cancel the job.
    pub cancel: bool,
}

/// A decided end: its word and the bytes of `result.json`, equal whoever writes them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Outcome {
    /// The final state.
    pub state: DeploymentState,
    /// Exactly the bytes of `result.json`.
    pub record: Bytes,
}

/// Who decides an outcome; each may do so only in its own situation.
#[derive(Clone, Copy, Debug)]
pub enum Decider<'a> {
    /// The holder of the claim.
    Holder(&'a Claim),
    /// Whoever was answered [`CancelAnswer::Waiting`] or [`crate::Repair::CancelPending`].
    Canceller(&'a DeploymentId),
    /// Whoever [`crate::State::reap`] told that nothing is left to try.
    Reaper {
        /// The job.
        id: &'a DeploymentId,
        /// The queue of the claim.
        queue: QueueName,
        /// The claim whose lease is over.
        fence: ClaimNumber,
    },
    /// Whoever was answered [`crate::Repair::QueueTimeout`].
    QueueTimeout(&'a DeploymentId),
    /// Whoever adopts a foreign consumer's work after [`crate::Repair::ForeignDeployed`].
    Foreign(&'a DeploymentId),
    /// Whoever puts a newer deployment in its place, while nobody holds it.
    Superseder(&'a DeploymentId),
}

impl Decider<'_> {
    pub(crate) fn id(&self) -> &DeploymentId {
        match self {
            Self::Holder(claim) => &claim.id,
            Self::Canceller(id)
            | Self::Reaper { id, .. }
            | Self::QueueTimeout(id)
            | Self::Foreign(id)
            | Self::Superseder(id) => id,
        }
    }
}

/// What became of a decision.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Decision {
    /// The outcome is fixed: archive the log, write the result, settle. Also the answer to a repeat.
    Fixed,
    /// Another outcome was fixed before; see [`crate::State::outcome`].
    AlreadyDecided,
    /// The job moved on (somebody took it, or its holder lives); this decider has nothing to say any more.
    TooLate,
    /// Somebody asked to cancel the job; only `cancelled` may be decided.
    CancelRequested,
}

/// What became of settling.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Settled {
    /// The end is visible now.
    Done,
    /// It was visible before.
    Already,
}

/// Why a holder gives a job back.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum HandBack {
    /// The worker shuts down: to the front of the queue, no attempt spent.
    Drain,
    /// The platform failed the job: it rests, then goes to the front.
    PlatformFault {
        /// How long it rests.
        retry_after: Duration,
    },
}

/// What became of a job that was given back.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum HandedBack {
    /// It waits again.
    Queued,
    /// No attempt is left; the holder still holds it and decides its failure.
    AttemptsUsedUp,
}

/// What a request to cancel meets.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CancelAnswer {
    /// Nobody holds it and nobody will: the caller decides it as [`Decider::Canceller`].
    Waiting,
    /// Its holder is told.
    Holder,
    /// The outcome is decided already.
    TooLate,
    /// It is over, with this word.
    AlreadyTerminal(DeploymentState),
    /// There is no such job.
    Unknown,
}
