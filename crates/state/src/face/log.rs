//! Live logs.

use super::State;
use crate::backend::on_backend;
use crate::wake::Topic;
use crate::{Claim, LogPage, StateError};
use shipstack_types::{DeploymentId, LogLine};
use std::time::Duration;
use tokio::time::Instant;

/// A reader looks this often although nobody woke it; the wake-up makes it quicker.
const LOG_POLL: Duration = Duration::from_secs(1);

impl State {
    /// Appends lines of the holder. Lines that are there already are ignored, so a batch may be repeated; a gap is
    /// refused; once settling has begun nothing is taken.
    pub async fn append_log(&self, claim: &Claim, lines: &[LogLine]) -> Result<(), StateError> {
        let holder = claim.holder();
        on_backend!(self.backend(), append_log(&claim.id, &holder, lines))
    }

    /// Up to `max` lines from `from_seq` (inclusive). Lines that were dropped are in the archive.
    pub async fn read_log(
        &self,
        id: &DeploymentId,
        from_seq: u64,
        max: usize,
    ) -> Result<LogPage, StateError> {
        on_backend!(self.backend(), read_log(id, from_seq, max))
    }

    /// Returns when a line from `from_seq` on is there, the log is closed, or this time is over.
    pub async fn wait_log(
        &self,
        id: &DeploymentId,
        from_seq: u64,
        at_most: Duration,
    ) -> Result<(), StateError> {
        let until = Instant::now() + at_most;
        let mut waiter = self.backend().wakeups().register(Topic::Job(id.clone()));
        loop {
            let page = self.read_log(id, from_seq, 1).await?;
            let left = until.saturating_duration_since(Instant::now());
            if page.closed || !page.lines.is_empty() || left.is_zero() {
                return Ok(());
            }
            waiter.wait(left.min(LOG_POLL)).await;
        }
    }

    /// Forgets the live lines; their archive must be in the store.
    pub async fn drop_log(&self, id: &DeploymentId) -> Result<(), StateError> {
        on_backend!(self.backend(), drop_log(id))
    }
}
