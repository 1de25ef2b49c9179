//! The Redis backend: not there yet, every call says so.
use crate::backend::*;
use crate::wake::Wakeups;
use crate::*;
use shipstack_types::job::Holder;
use shipstack_types::*;
use std::time::Duration;
#[derive(Debug)]
pub(crate) struct RedisBackend {
    wakeups: Wakeups,
}
impl RedisBackend {
    pub(crate) fn open(_c: &RedisConfig, _t: &Timing) -> Result<Self, StateError> {
        Err(StateError::unreadable("stub"))
    }
    pub(crate) fn note_absence(&self) {}
    pub(crate) fn take_absence(&self) -> Absence {
        Absence::None
    }
}
impl Backend for RedisBackend {
    fn wakeups(&self) -> &Wakeups {
        &self.wakeups
    }
    async fn check(&self) -> Result<Vec<Warning>, StateError> {
        Err(StateError::unreadable("stub"))
    }
    async fn apply(&self, id: &DeploymentId, step: &Step) -> Applying {
        Err(StateError::unreadable("stub"))
    }
    async fn wait_for_work(&self, queue: QueueName, at_most: Duration) -> Result<(), StateError> {
        Err(StateError::unreadable("stub"))
    }
    async fn claim_next(
        &self,
        queue: QueueName,
        request: &ClaimRequest,
    ) -> Result<Option<Claim>, StateError> {
        Err(StateError::unreadable("stub"))
    }
    async fn sweep(
        &self,
        queue: QueueName,
        worker: &WorkerId,
        in_hands: &[DeploymentId],
    ) -> Result<u32, StateError> {
        Err(StateError::unreadable("stub"))
    }
    async fn reap(&self, absence: Absence) -> Result<Vec<Reaped>, StateError> {
        Err(StateError::unreadable("stub"))
    }
    async fn promote_due(&self) -> Result<u32, StateError> {
        Err(StateError::unreadable("stub"))
    }
    async fn unfinished(&self, cursor: u64) -> Result<(Vec<DeploymentId>, u64), StateError> {
        Err(StateError::unreadable("stub"))
    }
    async fn repair(&self, id: &DeploymentId) -> Result<Repair, StateError> {
        Err(StateError::unreadable("stub"))
    }
    async fn outcome(&self, id: &DeploymentId) -> Result<Option<crate::Outcome>, StateError> {
        Err(StateError::unreadable("stub"))
    }
    async fn status(&self, id: &DeploymentId) -> Result<Option<DeploymentState>, StateError> {
        Err(StateError::unreadable("stub"))
    }
    async fn job(&self, id: &DeploymentId) -> Result<Option<JobView>, StateError> {
        Err(StateError::unreadable("stub"))
    }
    async fn append_log(
        &self,
        id: &DeploymentId,
        holder: &Holder,
        lines: &[LogLine],
    ) -> Result<(), StateError> {
        Err(StateError::unreadable("stub"))
    }
    async fn read_log(&self, id: &DeploymentId, from_seq: u64, max: usize) -> Result<LogPage, StateError> {
        Err(StateError::unreadable("stub"))
    }
    async fn drop_log(&self, id: &DeploymentId) -> Result<(), StateError> {
        Err(StateError::unreadable("stub"))
    }
    async fn index_complete(&self) -> Result<bool, StateError> {
        Err(StateError::unreadable("stub"))
    }
    async fn mark_index_complete(&self) -> Result<(), StateError> {
        Err(StateError::unreadable("stub"))
    }
    async fn try_lock(&self, request: LockRequest<'_>) -> Result<bool, StateError> {
        Err(StateError::unreadable("stub"))
    }
    async fn unlock(&self, name: &str, holder: &WorkerId) -> Result<(), StateError> {
        Err(StateError::unreadable("stub"))
    }
    async fn dead_letters(&self, max: usize) -> Result<Vec<DeadLetter>, StateError> {
        Err(StateError::unreadable("stub"))
    }
    async fn announce(&self, presence: &WorkerPresence, at_most: Duration) -> Result<(), StateError> {
        Err(StateError::unreadable("stub"))
    }
    async fn workers(&self) -> Result<Vec<WorkerPresence>, StateError> {
        Err(StateError::unreadable("stub"))
    }
    async fn events(&self, after: Option<&str>, max: usize) -> Result<Vec<StateEvent>, StateError> {
        Err(StateError::unreadable("stub"))
    }
}
