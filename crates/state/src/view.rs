//! What can be seen of the state.

use serde::{Deserialize, Serialize};
use shipstack_types::{
    Check, ClaimNumber, DeploymentId, DeploymentState, LogLine, Phase, PhaseTiming, PlanView, QueueName,
    Timestamp, WorkerId,
};

/// One job as it stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct JobView {
    /// The word on the wire.
    pub state: DeploymentState,
    /// The queue it is in, or was last in.
    pub queue: QueueName,
    /// The outcome is decided and not yet visible.
    pub settling: bool,
    /// What is being done.
    pub phase: Phase,
    /// Attempts so far in this queue.
    pub attempt: u32,
    /// Number of the newest intake claim; 0 before the first.
    pub intake_fence: u32,
    /// Number of the newest build claim; 0 before the first.
    pub build_fence: u32,
    /// The intake claim whose snapshot counts.
    pub source_claim: Option<ClaimNumber>,
    /// Who holds it.
    pub owner: Option<WorkerId>,
    /// Somebody asked to cancel it.
    pub cancel: bool,
    /// The project or repository it counts as.
    pub group: String,
    /// When each phase began and ended, oldest first, over all attempts.
    pub phases: Vec<PhaseTiming>,
    /// What its holder decided to do; `None` before that, and after the end: then it is in the store.
    pub plan: Option<PlanView>,
    /// Its place in the queue, 1 for the next; `None` when it does not wait there.
    pub queue_position: Option<u64>,
}

/// A piece of a log.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct LogPage {
    /// Lines in order, without a gap.
    pub lines: Vec<LogLine>,
    /// No line comes after these: settling has begun. The archive may have lines that were dropped here.
    pub closed: bool,
}

/// Something in a queue that is no job.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct DeadLetter {
    /// The first 256 bytes, everything that is not printable ASCII escaped.
    pub payload: String,
    /// Its size in bytes.
    pub bytes: u64,
    /// Why it is no job.
    pub reason: String,
    /// When it was found, in milliseconds since the epoch.
    pub at: u64,
}

/// A process that takes jobs.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct WorkerPresence {
    /// Who.
    pub worker: WorkerId,
    /// `upload-service` or `deploy-worker`.
    pub role: String,
    /// Jobs it takes at once.
    pub slots: u32,
    /// Its version.
    pub version: String,
    /// Whether it can work, as it saw itself last.
    #[serde(default)]
    pub checks: Vec<Check>,
    /// The Node majors that it builds with; none while it cannot say.
    #[serde(default)]
    pub node: Vec<u32>,
}

impl WorkerPresence {
    /// The check by which a worker says that it claims builds; while it is broken it claims none.
    pub const BUILDS: &str = "builds";
    /// Jobs that it takes at once as it is now: none while it says that it claims none.
    #[must_use]
    pub fn claiming_slots(&self) -> u32 {
        let stopped = self.checks.iter().any(|check| check.name == Self::BUILDS && !check.ok);
        if stopped { 0 } else { self.slots }
    }

    /// Most checks that are kept of one process.
    pub const MAX_CHECKS: usize = 32;
    /// Most Node majors that are kept of one process.
    pub const MAX_NODE: usize = 32;
    /// Longest text of a check, in characters.
    pub const MAX_TEXT: usize = 500;

    /// The same with its checks cut to what is kept: what an engine says of itself may be long.
    pub(crate) fn bounded(&self) -> Self {
        let cut = |text: &str| text.chars().take(Self::MAX_TEXT).collect::<String>();
        let bounded = |check: &Check| Check {
            name: cut(&check.name),
            ok: check.ok,
            detail: cut(&check.detail),
            remedy: check.remedy.as_deref().map(cut),
        };
        let checks = self.checks.iter().take(Self::MAX_CHECKS).map(bounded).collect();
        let node = self.node.iter().copied().take(Self::MAX_NODE).collect();
        Self { checks, node, ..self.clone() }
    }
}

/// A process that is there, and when it said so last.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WorkerSeen {
    /// What it said.
    pub presence: WorkerPresence,
    /// When, by the clock that leases go by.
    pub seen_at: Timestamp,
}

/// What an event is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Change {
    /// The job came to be, or its word changed.
    State,
    /// Its holder went on within the same word.
    Phase,
    /// It was deleted: nobody knows it any more.
    Deleted,
}

/// A piece of the stream of events.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EventPage {
    /// Oldest first.
    pub events: Vec<StateEvent>,
    /// Where to go on reading.
    pub next: String,
}

/// One change of a job, from the capped stream of events.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StateEvent {
    /// Where to go on reading.
    pub cursor: String,
    /// The job.
    pub id: DeploymentId,
    /// The word it changed to, or `settling`, or `deleted`.
    pub word: String,
    /// The word on the wire.
    pub status: DeploymentState,
    /// What is being done.
    pub phase: Phase,
    /// The claim that was current.
    pub claim: u32,
    /// What changed.
    pub change: Change,
}

/// Something about the Redis server that an operator must know (promise 13). None of them stops the work.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Warning {
    /// Redis may throw away keys when it is full.
    MayEvict {
        /// `maxmemory-policy`.
        policy: String,
    },
    /// Redis keeps nothing on disk: a restart costs a reindex.
    KeepsNothing,
    /// This server takes no writes.
    ReadOnly,
    /// Older than 6.2: our commands are missing.
    TooOld {
        /// Its version.
        version: String,
    },
    /// A key of ours holds something else.
    WrongType {
        /// The key.
        key: String,
    },
}

impl Warning {
    /// What an operator changes about it.
    #[must_use]
    pub fn remedy(&self) -> String {
        match self {
            Self::MayEvict { .. } => {
                "Set maxmemory-policy noeviction in redis.conf (at once: CONFIG SET maxmemory-policy \
                                      noeviction)."
                    .to_owned()
            }
            Self::KeepsNothing => {
                "Set appendonly yes in redis.conf (at once: CONFIG SET appendonly yes).".to_owned()
            }
            Self::ReadOnly => "Let REDIS_URL name the primary.".to_owned(),
            Self::TooOld { .. } => "Install Redis 6.2 or newer, or Valkey.".to_owned(),
            Self::WrongType { key } => {
                format!("Remove it (DEL {key}), or keep ours apart with SHIPSTACK_REDIS_PREFIX.")
            }
        }
    }
}

impl std::fmt::Display for Warning {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::MayEvict { policy } => {
                write!(f, "Redis may evict keys (maxmemory-policy {policy}); set it to noeviction")
            }
            Self::KeepsNothing => f.write_str("Redis keeps nothing on disk; set appendonly yes"),
            Self::ReadOnly => f.write_str("Redis is a replica and takes no writes"),
            Self::TooOld { version } => write!(f, "Redis {version} is too old; 6.2 is needed"),
            Self::WrongType { key } => write!(f, "the Redis key {key} has the wrong type; remove it"),
        }
    }
}
