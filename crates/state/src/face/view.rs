//! What can be seen.

use super::State;
use crate::backend::on_backend;
use crate::wake::{Topic, Waiter};
use crate::{DeadLetter, JobView, StateError, StateEvent, Warning};
use shipstack_types::{DeploymentId, DeploymentState};
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

    /// Changes of state after this cursor, oldest first; the oldest ones are forgotten after some ten thousand.
    pub async fn events(&self, after: Option<&str>, max: usize) -> Result<Vec<StateEvent>, StateError> {
        on_backend!(self.backend(), events(after, max))
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
