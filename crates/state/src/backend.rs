//! The private face behind [`crate::State`]: what a backend must do, without policy.

use crate::in_process::InProcess;
use crate::line::BuildLine;
use crate::redis::RedisBackend;
use crate::wake::Wakeups;
use crate::{
    Audit, Claim, ClaimRequest, DeadLetter, EventPage, IndexEntry, IndexQuery, IndexRun, JobView, LogPage,
    Reaped, Repair, Reservation, Reserved, StateError, Warning, WorkerPresence, WorkerSeen,
};
use bytes::Bytes;
use shipstack_types::job::{Event, Holder, Refusal};
use shipstack_types::{DeploymentId, DeploymentState, LogLine, PlanView, QueueName, Timestamp, WorkerId};
use std::time::Duration;

/// One event on one job, with what the table does not look at.
#[derive(Clone, Debug)]
pub(crate) struct Step {
    pub(crate) event: Event,
    /// Set when the job is created.
    pub(crate) group: Option<String>,
    /// The bytes of a decision.
    pub(crate) record: Option<Bytes>,
    /// The system line of a new phase.
    pub(crate) line: Option<LogLine>,
    /// When a restored job was accepted; a new one is accepted now.
    pub(crate) created_at: Option<Timestamp>,
}

impl From<Event> for Step {
    fn from(event: Event) -> Self {
        Self { event, group: None, record: None, line: None, created_at: None }
    }
}

/// What an event left.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Applied {
    pub(crate) cancel: bool,
    pub(crate) held: bool,
}

/// The answer of the table, or that nobody could be asked.
pub(crate) type Applying = Result<Result<Applied, Refusal>, StateError>;

/// Whether Redis was out of reach since the last reap.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Absence {
    None,
    Seen,
}

/// A lock that is to be had for some time.
#[derive(Clone, Copy, Debug)]
pub(crate) struct LockRequest<'a> {
    pub(crate) name: &'a str,
    pub(crate) holder: &'a WorkerId,
    pub(crate) lease: Duration,
}

#[rustfmt::skip] // one line a method keeps the face readable
pub(crate) trait Backend {
    fn wakeups(&self) -> &Wakeups;
    async fn check(&self) -> Result<Vec<Warning>, StateError>;
    async fn apply(&self, id: &DeploymentId, step: &Step) -> Applying;
    async fn wait_for_work(&self, queue: QueueName, at_most: Duration) -> Result<(), StateError>;
    async fn claim_next(&self, queue: QueueName, request: &ClaimRequest) -> Result<Option<Claim>, StateError>;
    async fn sweep(&self, queue: QueueName, worker: &WorkerId, in_hands: &[DeploymentId]) -> Result<u32, StateError>;
    async fn reap(&self, absence: Absence) -> Result<Vec<Reaped>, StateError>;
    async fn promote_due(&self) -> Result<u32, StateError>;
    async fn unfinished(&self, cursor: u64) -> Result<(Vec<DeploymentId>, u64), StateError>;
    async fn repair(&self, id: &DeploymentId) -> Result<Repair, StateError>;
    async fn audit(&self, id: &DeploymentId) -> Result<Option<Audit>, StateError>;
    async fn up_since(&self) -> Result<Timestamp, StateError>;
    async fn outcome(&self, id: &DeploymentId) -> Result<Option<crate::Outcome>, StateError>;
    async fn status(&self, id: &DeploymentId) -> Result<Option<DeploymentState>, StateError>;
    async fn job(&self, id: &DeploymentId) -> Result<Option<JobView>, StateError>;
    async fn append_log(&self, id: &DeploymentId, holder: &Holder, lines: &[LogLine]) -> Result<(), StateError>;
    async fn note_plan(&self, id: &DeploymentId, holder: &Holder, plan: &PlanView) -> Result<(), StateError>;
    async fn read_log(&self, id: &DeploymentId, from_seq: u64, max: usize) -> Result<LogPage, StateError>;
    async fn drop_log(&self, id: &DeploymentId) -> Result<(), StateError>;
    async fn index_complete(&self) -> Result<bool, StateError>;
    async fn index_run(&self) -> Result<IndexRun, StateError>;
    async fn mark_index_complete(&self, run: &IndexRun) -> Result<(), StateError>;
    async fn try_lock(&self, request: LockRequest<'_>) -> Result<bool, StateError>;
    async fn unlock(&self, name: &str, holder: &WorkerId) -> Result<(), StateError>;
    async fn dead_letters(&self, max: usize) -> Result<Vec<DeadLetter>, StateError>;
    async fn announce(&self, presence: &WorkerPresence, at_most: Duration) -> Result<(), StateError>;
    async fn workers(&self) -> Result<Vec<WorkerSeen>, StateError>;
    async fn list(&self, query: &IndexQuery) -> Result<Vec<IndexEntry>, StateError>;
    async fn forget(&self, id: &DeploymentId) -> Result<bool, StateError>;
    async fn add_child(&self, parent: &DeploymentId, child: &DeploymentId, at: Timestamp) -> Result<(), StateError>;
    async fn children(&self, parent: &DeploymentId, most: usize) -> Result<Vec<DeploymentId>, StateError>;
    async fn reserve(&self, wanted: &Reservation) -> Result<Reserved, StateError>;
    async fn newest_event(&self) -> Result<String, StateError>;
    async fn events(&self, after: &str, max: usize) -> Result<Option<EventPage>, StateError>;
    async fn build_line(&self, id: &DeploymentId) -> Result<Option<BuildLine>, StateError>;
    async fn waiting_beside(&self, id: &DeploymentId) -> Result<Vec<DeploymentId>, StateError>;
    async fn queue_length(&self, queue: QueueName) -> Result<u64, StateError>;
}

/// The backend in use.
#[derive(Debug)]
pub(crate) enum AnyBackend {
    InProcess(Box<InProcess>),
    Redis(Box<RedisBackend>),
}

/// Calls the same method on whichever backend it is.
macro_rules! on_backend {
    ($backend:expr, $name:ident ( $($argument:expr),* )) => {{
        use $crate::backend::Backend as _;
        match $backend {
            $crate::backend::AnyBackend::InProcess(backend) => backend.$name($($argument),*).await,
            $crate::backend::AnyBackend::Redis(backend) => backend.$name($($argument),*).await,
        }
    }};
}
pub(crate) use on_backend;

impl AnyBackend {
    pub(crate) fn wakeups(&self) -> &Wakeups {
        match self {
            Self::InProcess(backend) => backend.wakeups(),
            Self::Redis(backend) => backend.wakeups(),
        }
    }
}
