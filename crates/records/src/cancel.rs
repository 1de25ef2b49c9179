//! Ending a deployment before its time.

use crate::outcome::{BuildReport, Ending};
use crate::{Records, RecordsError};
use shipstack_state::{CancelAnswer, Decider, StateError};
use shipstack_types::{DeploymentId, DeploymentState};
use std::time::Duration;
use tokio::time::Instant;

/// A look although nobody woke us: a wake-up may be lost.
const LOOK_AGAIN: Duration = Duration::from_millis(250);

/// What became of a request to cancel.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Cancelled {
    /// It has ended, now or before, with this word.
    Ended(DeploymentState),
    /// Its holder was told and has not let go yet.
    Dying,
    /// Another end is decided and will be seen in a moment.
    TooLate,
    /// Nobody knows it.
    Unknown,
}

impl Records {
    /// Cancels a deployment and waits at most so long for its end. May be repeated: a repeat waits again.
    pub async fn cancel(&self, id: &DeploymentId, at_most: Duration) -> Result<Cancelled, RecordsError> {
        let until = Instant::now() + at_most;
        let mut watch = self.state.watch_job(id);
        loop {
            // Each look asks again: the state may have been lost meanwhile, and come back without the request.
            match self.ask_to_cancel(id).await {
                Ok(Some(answer)) => return Ok(answer),
                Err(RecordsError::State(error)) if was_forgotten(&error) => {}
                asked => asked.map(drop)?,
            }
            let left = until.saturating_duration_since(Instant::now());
            if left.is_zero() {
                return Ok(Cancelled::Dying);
            }
            watch.changed(left.min(LOOK_AGAIN)).await;
        }
    }

    /// What is to be said of the request now; nothing yet while its end is awaited.
    async fn ask_to_cancel(&self, id: &DeploymentId) -> Result<Option<Cancelled>, RecordsError> {
        // An id that the state does not know may be one that it has lost.
        if self.status(id).await?.is_none() {
            return Ok(Some(Cancelled::Unknown));
        }
        match self.state.request_cancel(id).await? {
            CancelAnswer::AlreadyTerminal(word) => Ok(Some(Cancelled::Ended(word))),
            CancelAnswer::TooLate if !self.ends_cancelled(id).await? => Ok(Some(Cancelled::TooLate)),
            CancelAnswer::Waiting => {
                self.conclude(Decider::Canceller(id), id, BuildReport::default(), Ending::Cancelled).await?;
                let word = self.state.status(id).await?;
                Ok(word.filter(|word| word.is_terminal()).map(Cancelled::Ended))
            }
            // Its holder was told, or it was lost between the two questions.
            _ => Ok(None),
        }
    }

    /// Whether the decided end is the one that was asked for.
    async fn ends_cancelled(&self, id: &DeploymentId) -> Result<bool, RecordsError> {
        let outcome = self.state.outcome(id).await?;
        Ok(outcome.is_none_or(|outcome| outcome.state == DeploymentState::Cancelled))
    }
}

/// Whether the job became another one between two questions: the state was emptied, and has it again or not.
fn was_forgotten(error: &StateError) -> bool {
    matches!(error, StateError::LeaseLost { .. } | StateError::Refused { .. })
}
