//! One taking of a job.

use shipstack_types::job::Holder;
use shipstack_types::{ClaimNumber, DeploymentId, QueueName, WorkerId};

/// A request for a job. A request that is repeated with the same nonce gets the same claim, so no reply whose loss
/// loses a job exists.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ClaimRequest {
    /// Who asks.
    pub worker: WorkerId,
    /// The request's own number, never reused by this worker.
    pub nonce: u64,
}

/// A job in the hands of a worker, under a lease that heartbeats renew.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Claim {
    /// The job.
    pub id: DeploymentId,
    /// The queue it was taken from.
    pub queue: QueueName,
    /// Who holds it.
    pub worker: WorkerId,
    /// The fence: the number of this claim, never reused.
    pub number: ClaimNumber,
    /// Which attempt this is, from 1.
    pub attempt: u32,
    /// The project or repository it counts as.
    pub group: String,
    /// The intake claim whose snapshot is to be built.
    pub source_claim: Option<ClaimNumber>,
    /// The number of the next log line.
    pub next_log_seq: u64,
    /// An id that somebody else pushed and that nothing was known of; so on every attempt until the job is restored.
    /// The caller looks into the store before it builds: a result, or objects of claims, may be there after a lost
    /// Redis. Then hand it back as drained and [`crate::State::restore`] it, which ends the adoption.
    pub adopted: bool,
}

impl Claim {
    pub(crate) fn holder(&self) -> Holder {
        Holder { queue: self.queue, worker: self.worker.clone(), number: self.number }
    }
}
