//! What is wrong with a job, judged from it and from what surrounds it (reconcile of one id).

use super::{Job, Standing};
use crate::{DeploymentState, Timestamp};

/// What surrounds a job.
#[expect(clippy::struct_excessive_bools, reason = "independent observations, each named where it is made")]
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Facts {
    /// The word that `status` has; `None` when it has none of ours.
    pub word: Option<DeploymentState>,
    /// The id is in its queue's list.
    pub queued: bool,
    /// The id is among the resting ones.
    pub resting: bool,
    /// The id has a lease.
    pub leased: bool,
    /// Consumers that are not ours may take ids, and the time to wait for them is not over.
    pub foreign_may_have_it: bool,
}

/// What has to be done. Several things may be wrong; this names the weightiest.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Diagnosis {
    /// Nothing.
    Sound,
    /// The outcome is decided and not settled.
    NeedsSettling,
    /// Somebody asked to cancel it, nobody holds it, and it was not decided.
    CancelPending,
    /// It waited longer than it may.
    QueueTimeout,
    /// A consumer that is not ours says it is deployed.
    ForeignDeployed,
    /// It waits and is in no list: push it.
    Requeue,
    /// It is held and has no lease: give it one that is over.
    ExpireLease,
    /// `status` says something else.
    RewriteStatus,
}

/// What is wrong with this job.
#[must_use]
pub fn diagnose(job: &Job, facts: &Facts, now: Timestamp) -> Diagnosis {
    let wrong_word = facts.word != Some(job.word());
    match &job.standing {
        Standing::Settling { .. } => Diagnosis::NeedsSettling,
        Standing::Held(_) if !facts.leased => Diagnosis::ExpireLease,
        Standing::Waiting | Standing::Resting { .. } => waiting(job, facts, now),
        _ if wrong_word => Diagnosis::RewriteStatus,
        _ => Diagnosis::Sound,
    }
}

fn waiting(job: &Job, facts: &Facts, now: Timestamp) -> Diagnosis {
    let listed = facts.queued || (facts.resting && job.standing != Standing::Waiting);
    let foreign = facts.foreign_may_have_it && !listed;
    if job.cancel {
        Diagnosis::CancelPending
    } else if job.deadline <= now {
        Diagnosis::QueueTimeout
    } else if foreign && facts.word == Some(DeploymentState::Deployed) {
        Diagnosis::ForeignDeployed
    } else if foreign {
        Diagnosis::Sound
    } else if !listed {
        Diagnosis::Requeue
    } else if facts.word != Some(job.word()) {
        Diagnosis::RewriteStatus
    } else {
        Diagnosis::Sound
    }
}
