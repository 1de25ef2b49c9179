//! What can be seen.

use super::State;
use crate::backend::on_backend;
use crate::wake::{Topic, Waiter};
use crate::{DeadLetter, EventPage, JobView, StateError, Warning};
use shipstack_types::{DeploymentId, DeploymentState, QueueName};
use std::time::Duration;

impl State {
    /// Whether the state can be used now, and what an operator must know of the server (promise 13).
    pub async fn check(&self) -> Result<Vec<Warning>, StateError> {
        on_backend!(self.backend(), check())
    }

    /// The word on the wire; `None` for an unknown id.
    pub async fn status(&self, id: &DeploymentId) -> Result<Option<DeploymentState>, StateError> {
        on_backend!(self.backend(), status(id))
    }

    /// One job as it stands.
    pub async fn job(&self, id: &DeploymentId) -> Result<Option<JobView>, StateError> {
        on_backend!(self.backend(), job(id))
    }

    /// Watches one job from now on: look at it after this call, then wait for changes.
    pub fn watch_job(&self, id: &DeploymentId) -> JobWatch {
        JobWatch(self.backend().wakeups().register(Topic::Job(id.clone())))
    }

    /// What was in a queue and is no job, newest first.
    pub async fn dead_letters(&self, max: usize) -> Result<Vec<DeadLetter>, StateError> {
        on_backend!(self.backend(), dead_letters(max))
    }

    /// The cursor of the newest event: what is read after it happens from now on.
    pub async fn newest_event(&self) -> Result<String, StateError> {
        on_backend!(self.backend(), newest_event())
    }

    /// Changes after this cursor, oldest first. `None` when the cursor is unknown: it is from before a restart or a loss
    /// of the state, or so old (some ten thousand changes) that what followed it is forgotten. Then look at everything
    /// anew, from [`Self::newest_event`] on.
    pub async fn events(&self, after: &str, max: usize) -> Result<Option<EventPage>, StateError> {
        on_backend!(self.backend(), events(after, max))
    }

    /// Watches all jobs from now on.
    pub fn watch_events(&self) -> EventWatch {
        EventWatch(self.backend().wakeups().register(Topic::Events))
    }

    /// How long a job that waits for a build will probably wait, by what goes first, the slots of the workers that claim and
    /// the time that the last builds took. `None` when it does not wait, or when nothing honest can be said.
    pub async fn expected_wait(&self, id: &DeploymentId) -> Result<Option<Duration>, StateError> {
        let Some(line) = on_backend!(self.backend(), build_line(id))? else { return Ok(None) };
        let workers = self.workers().await?;
        let slots: u64 = workers.iter().map(|worker| u64::from(worker.presence.claiming_slots())).sum();
        Ok(line.expected_wait(usize::try_from(slots).unwrap_or(usize::MAX)))
    }

    /// The jobs that wait, in either queue or after a fault, and count as the same group as this one. Looks at everything
    /// that waits.
    pub async fn waiting_beside(&self, id: &DeploymentId) -> Result<Vec<DeploymentId>, StateError> {
        on_backend!(self.backend(), waiting_beside(id))
    }

    /// How many jobs wait in a queue.
    pub async fn queue_length(&self, queue: QueueName) -> Result<u64, StateError> {
        on_backend!(self.backend(), queue_length(queue))
    }
}

/// A watch on all jobs: it wakes for every event.
#[derive(Debug)]
pub struct EventWatch(Waiter);

impl EventWatch {
    /// Returns when something may have happened since the watch began or this was called last, or after this time.
    pub async fn changed(&mut self, at_most: Duration) {
        self.0.wait(at_most).await;
    }
}

/// A watch on one job. It wakes for changes of state, phase, cancel mark and log; a lost wake-up costs no more than
/// the time given.
#[derive(Debug)]
pub struct JobWatch(Waiter);

impl JobWatch {
    /// Returns when something may have changed since the watch began or this was called last, or after this time.
    pub async fn changed(&mut self, at_most: Duration) {
        self.0.wait(at_most).await;
    }
}
