//! How a job comes back from the object store after Redis, or the process, was lost.

use super::{Decider, Job, JobRules, Standing, Verdict};
use crate::{ClaimNumber, DeploymentState, Phase, QueueName, Timestamp};

/// What the store remembers of a job.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Restored {
    /// How far it was.
    pub state: RestoredAs,
    /// The highest intake claim that has objects; 0 for none.
    pub intake_fence: u32,
    /// The highest build claim that has objects; 0 for none.
    pub build_fence: u32,
    /// Attempts spent in the queue it was in.
    pub attempt: u32,
    /// The intake claim whose snapshot counts.
    pub source_claim: Option<ClaimNumber>,
}

/// How far a restored job was.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RestoredAs {
    /// `result.json` is there.
    Terminal(DeploymentState),
    /// It never began, in this queue.
    Waiting(QueueName),
    /// A claim began and may still be alive: the job waits until two leases after, and at least one from now, in which
    /// the holder hears that it has lost the job and leaves what only it knows of it.
    LastClaimAt(QueueName, Timestamp),
}

/// The job that the store remembers. What is already known stays, but for two things: a result in the store is the
/// truth, and a claim number that has objects is never given out again.
pub(super) fn restore(job: Option<&Job>, restored: &Restored, now: Timestamp, rules: &JobRules) -> Job {
    match (job, restored.state) {
        (None, _) => revived(restored, now, rules),
        (Some(job), RestoredAs::Terminal(state)) if !matches!(job.standing, Standing::Ended(_)) => {
            Job { standing: ended(state), ..raised(job, restored) }
        }
        // A raised fence would take the lease from a living holder.
        (Some(job), _) if matches!(job.standing, Standing::Held(_)) => job.clone(),
        (Some(job), _) => raised(job, restored),
    }
}

fn revived(restored: &Restored, now: Timestamp, rules: &JobRules) -> Job {
    let (queue, standing) = match restored.state {
        RestoredAs::Terminal(state) => (QueueName::Build, ended(state)),
        RestoredAs::Waiting(queue) => (queue, Standing::Waiting),
        RestoredAs::LastClaimAt(queue, at) => (queue, after_its_holder(at, now, rules)),
    };
    let phase = if matches!(standing, Standing::Resting { .. }) { Phase::Retrying } else { Phase::Queued };
    // Losing Redis is nobody's fault: at least one attempt is left.
    let attempt = restored.attempt.min(rules.attempts.saturating_sub(1));
    let job = Job::new(queue, now, rules);
    raised(&Job { standing, phase, attempt, source_claim: restored.source_claim, ..job }, restored)
}

fn after_its_holder(at: Timestamp, now: Timestamp, rules: &JobRules) -> Standing {
    // A worker whose clock runs ahead delays its job by two leases at most.
    let due = at.min(now).plus(rules.lease.saturating_mul(2)).max(now.plus(rules.lease));
    Standing::Resting { due }
}

fn ended(state: DeploymentState) -> Standing {
    Standing::Ended(Verdict { by: Decider::Store, state, digest: None })
}

fn raised(job: &Job, restored: &Restored) -> Job {
    let intake_fence = job.intake_fence.max(restored.intake_fence);
    let build_fence = job.build_fence.max(restored.build_fence);
    // An adopted job does not know its source; one that is still in intake has none that counts.
    let unknown = job.queue == QueueName::Build && job.source_claim.is_none();
    let source_claim = if unknown { restored.source_claim } else { job.source_claim };
    Job { intake_fence, build_fence, source_claim, ..job.clone() }
}
