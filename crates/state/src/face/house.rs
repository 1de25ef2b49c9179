//! The loops that keep the queue honest, and what they share.

use super::State;
use crate::backend::{Absence, AnyBackend, LockRequest, on_backend};
use crate::nets::Net;
use crate::{Audit, IndexRun, Reaped, Repair, StateError, WorkerPresence, WorkerSeen};
use shipstack_types::{DeploymentId, QueueName, Timestamp, WorkerId};
use std::sync::PoisonError;
use std::time::Duration;

/// A process that did not reap for this many leases has slept, or its clock jumped.
const SLEPT_LEASES: u32 = 2;

impl State {
    /// Gives back what is in this worker's name and not in its hands: claims whose reply was lost. Claims younger
    /// than half a lease are left, for their reply may be on its way. Returns how many.
    pub async fn sweep(
        &self,
        queue: QueueName,
        worker: &WorkerId,
        in_hands: &[DeploymentId],
    ) -> Result<u32, StateError> {
        if Net::Sweep.is_missing() {
            return Ok(0);
        }
        on_backend!(self.backend(), sweep(queue, worker, in_hands))
    }

    /// Looks for leases that are over, of both queues. The first look makes a suspect, the second one acts. After
    /// an absence of Redis, or of this process, nobody is reaped for two leases. Call it every
    /// [`crate::Timing::reap`], with jitter.
    pub async fn reap(&self) -> Result<Vec<Reaped>, StateError> {
        if Net::Reap.is_missing() {
            return Ok(Vec::new());
        }
        let absence = self.absence();
        let reaped = on_backend!(self.backend(), reap(absence));
        if let (Err(_), AnyBackend::Redis(backend), Absence::Seen) = (&reaped, self.backend(), absence) {
            backend.note_absence();
        }
        reaped
    }

    fn absence(&self) -> Absence {
        match self.backend() {
            AnyBackend::Redis(backend) => backend.take_absence(),
            AnyBackend::InProcess(_) => self.own_absence(),
        }
    }

    /// Leases in process go by the machine's clock; when it leaps past them, nobody could renew any.
    fn own_absence(&self) -> Absence {
        let now = self.shared.clock.now();
        let mut last = self.shared.last_reap.lock().unwrap_or_else(PoisonError::into_inner);
        let before: Option<Timestamp> = last.replace(now);
        let longest = self.timing().rules.lease.saturating_mul(SLEPT_LEASES);
        if before.is_some_and(|before| now.since(before) > longest) { Absence::Seen } else { Absence::None }
    }

    /// Puts jobs whose rest is over back to the front of their queues. Returns how many.
    pub async fn promote_due(&self) -> Result<u32, StateError> {
        on_backend!(self.backend(), promote_due())
    }

    /// A slice of the unfinished jobs and the cursor of the next slice; 0 begins, and 0 comes back at the end. A job
    /// may be seen twice, and one that is unfinished from beginning to end is seen.
    pub async fn unfinished(&self, cursor: u64) -> Result<(Vec<DeploymentId>, u64), StateError> {
        on_backend!(self.backend(), unfinished(cursor))
    }

    /// Looks at one job and mends what can be mended here; the answer says what is left to the caller.
    pub async fn repair(&self, id: &DeploymentId) -> Result<Repair, StateError> {
        if Net::Reconcile.is_missing() {
            return Ok(Repair::Nothing);
        }
        on_backend!(self.backend(), repair(id))
    }

    /// What is wrong with one job that nobody mends, or that nobody has mended yet; nothing is changed. `None` for an
    /// unknown id.
    pub async fn audit(&self, id: &DeploymentId) -> Result<Option<Audit>, StateError> {
        on_backend!(self.backend(), audit(id))
    }

    /// Since when the state has run. What it accepted in its last second before that it may have forgotten.
    pub async fn up_since(&self) -> Result<Timestamp, StateError> {
        on_backend!(self.backend(), up_since())
    }

    /// Whether everything in the store is known here. `false` until a reindex, after a lost or emptied Redis and after one
    /// that was started again: it may have forgotten its last second.
    pub async fn index_complete(&self) -> Result<bool, StateError> {
        on_backend!(self.backend(), index_complete())
    }

    /// What a reindex that begins now is for; asked before the store is looked at.
    pub async fn index_run(&self) -> Result<IndexRun, StateError> {
        on_backend!(self.backend(), index_run())
    }

    /// Says that a reindex is through. One that Redis was started again or emptied in the
    /// middle of counts for nothing.
    pub async fn mark_index_complete(&self, run: &IndexRun) -> Result<(), StateError> {
        on_backend!(self.backend(), mark_index_complete(run))
    }

    /// Takes or renews a lock that ends by itself. It keeps work from being done twice and guards nothing: what is
    /// done under it must be idempotent.
    pub async fn try_lock(&self, name: &str, holder: &WorkerId, lease: Duration) -> Result<bool, StateError> {
        on_backend!(self.backend(), try_lock(LockRequest { name, holder, lease }))
    }

    /// Gives a lock back, when it is the holder's.
    pub async fn unlock(&self, name: &str, holder: &WorkerId) -> Result<(), StateError> {
        on_backend!(self.backend(), unlock(name, holder))
    }

    /// Says that this process is there and how it is, for three leases.
    pub async fn announce(&self, presence: &WorkerPresence) -> Result<(), StateError> {
        let at_most = self.timing().rules.lease.saturating_mul(3);
        let presence = presence.bounded();
        on_backend!(self.backend(), announce(&presence, at_most))
    }

    /// Who is there, and since when nothing was heard of each.
    pub async fn workers(&self) -> Result<Vec<WorkerSeen>, StateError> {
        on_backend!(self.backend(), workers())
    }
}
