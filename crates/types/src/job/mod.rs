//! The life of a job as data and one pure function (reliability.md §2).
//!
//! [`Job`] is the truth about one deployment's work, [`Event`] is what somebody wants to happen to it, and [`apply`]
//! says what the job becomes or why it does not. Guarantees: a final state never changes; only the holder of the
//! newest claim moves a held job; every event may be repeated and gets the same answer.
//!
//! The in-process backend runs this function; the Lua scripts of the Redis backend say the same in
//! `crates/state/src/redis/table.lua`, and a model test compares the two. What it is not: a queue. Lists, leases,
//! wake-ups and the log belong to `shipstack-state`.

mod event;
mod held;
mod repair;
mod restore;
mod table;
#[cfg(test)]
mod tests;

pub use event::{Decider, Event, Refusal};
pub use repair::{Diagnosis, Facts, diagnose};
pub use restore::{Restored, RestoredAs};
pub use table::apply;

use crate::{ClaimNumber, DeploymentState, Phase, QueueName, Sha256Digest, Timestamp, WorkerId};
use std::time::Duration;

/// Figures that bound a job (reliability.md §2, "Defaults").
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct JobRules {
    /// How long a claim lives without a heartbeat.
    pub lease: Duration,
    /// How long one intake claim may last, heartbeats or not.
    pub intake_deadline: Duration,
    /// How long one build claim may last, heartbeats or not.
    pub build_deadline: Duration,
    /// How long a job may wait to be taken.
    pub queue_timeout: Duration,
    /// Claims that may end in a platform fault or a lost worker.
    pub attempts: u32,
    /// Claims in all, those that cost no attempt included; a drain costs neither.
    pub deliveries: u32,
}

impl Default for JobRules {
    fn default() -> Self {
        Self {
            lease: Duration::from_secs(8),
            // Clone (2 min) or upload (10 min) with room for the snapshot.
            intake_deadline: Duration::from_mins(15),
            // Build (15 min), publish (5 min), and as much again for opening, collecting and a slow store.
            build_deadline: Duration::from_mins(40),
            queue_timeout: Duration::from_hours(24),
            attempts: 3,
            deliveries: 5,
        }
    }
}

/// The truth about one deployment's work.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Job {
    /// The queue it is in, or was last in.
    pub queue: QueueName,
    /// Where it stands there.
    pub standing: Standing,
    /// Claims of this queue that count against the limit.
    pub attempt: u32,
    /// Claims of this queue in all (a drained one is given back).
    pub deliveries: u32,
    /// Number of the newest intake claim; 0 before the first.
    pub intake_fence: u32,
    /// Number of the newest build claim; 0 before the first.
    pub build_fence: u32,
    /// The intake claim whose snapshot counts. None for archives, and while the source is not in.
    pub source_claim: Option<ClaimNumber>,
    /// Somebody asked to cancel it.
    pub cancel: bool,
    /// What passes this ends: the wait in a queue, or the claim.
    pub deadline: Timestamp,
    /// What is being done.
    pub phase: Phase,
    /// Who handed it back last, so that a repeated hand-back gets the same answer.
    pub released: Option<Holder>,
}

/// Where a job stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Standing {
    /// In its queue's list.
    Waiting,
    /// Out of the list until `due`, after a platform fault.
    Resting {
        /// When it goes back into the list.
        due: Timestamp,
    },
    /// Somebody has it.
    Held(Hold),
    /// The outcome is decided and not yet visible.
    Settling {
        /// The word that `status` keeps meanwhile.
        word: DeploymentState,
        /// What was decided.
        verdict: Verdict,
    },
    /// Over.
    Ended(Verdict),
}

/// A claim that is alive.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Hold {
    /// Who has it.
    pub worker: WorkerId,
    /// The claim request's own number: the same request gets the same claim.
    pub nonce: u64,
    /// When it was taken.
    pub since: Timestamp,
    /// Until when nobody else may have it.
    pub lease: Timestamp,
}

/// What was decided, by whom.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Verdict {
    /// Who decided.
    pub by: Decider,
    /// The final state.
    pub state: DeploymentState,
    /// Digest of the fixed bytes of `result.json`; `None` when the job was restored from the store.
    pub digest: Option<Sha256Digest>,
}

/// Who holds, or held, which claim.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Holder {
    /// The queue whose claims are meant; intake and build count apart.
    pub queue: QueueName,
    /// The worker.
    pub worker: WorkerId,
    /// The claim.
    pub number: ClaimNumber,
}

impl Job {
    /// A job that has just entered a queue.
    #[must_use]
    pub fn new(queue: QueueName, now: Timestamp, rules: &JobRules) -> Self {
        Self {
            queue,
            standing: Standing::Waiting,
            attempt: 0,
            deliveries: 0,
            intake_fence: 0,
            build_fence: 0,
            source_claim: None,
            cancel: false,
            deadline: now.plus(rules.queue_timeout),
            phase: Phase::Queued,
            released: None,
        }
    }

    /// The word on the wire.
    #[must_use]
    pub fn word(&self) -> DeploymentState {
        match (&self.standing, self.queue) {
            (Standing::Ended(verdict), _) => verdict.state,
            (Standing::Settling { word, .. }, _) => *word,
            (_, QueueName::Intake) => DeploymentState::Uploading,
            (Standing::Held(_), QueueName::Build) => DeploymentState::Building,
            (_, QueueName::Build) => DeploymentState::Uploaded,
        }
    }

    /// Number of the newest claim of the current queue; 0 before the first.
    #[must_use]
    pub fn fence(&self) -> u32 {
        match self.queue {
            QueueName::Intake => self.intake_fence,
            QueueName::Build => self.build_fence,
        }
    }

    /// The claim that is alive, when it is exactly this one.
    #[must_use]
    pub fn hold_of(&self, holder: &Holder) -> Option<&Hold> {
        match &self.standing {
            Standing::Held(hold) if hold.worker == holder.worker && self.is_claim(holder) => Some(hold),
            _ => None,
        }
    }

    /// Whether the job waits for somebody to take it, now or after a rest.
    #[must_use]
    pub fn is_waiting(&self) -> bool {
        matches!(self.standing, Standing::Waiting | Standing::Resting { .. })
    }

    fn is_claim(&self, holder: &Holder) -> bool {
        self.queue == holder.queue && self.fence() == holder.number.get()
    }

    fn used_up(&self, rules: &JobRules) -> bool {
        self.attempt >= rules.attempts || self.deliveries >= rules.deliveries
    }
}
