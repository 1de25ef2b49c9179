//! Taking work.

use super::State;
use crate::backend::on_backend;
use crate::{Claim, ClaimRequest, StateError};
use shipstack_types::QueueName;
use std::time::Duration;

/// How long one wait for work lasts at most; the blocking command at the server is as long.
pub(crate) const WAIT_FOR_WORK: Duration = Duration::from_secs(5);

impl State {
    /// Returns when something may be in the queue, or after five seconds. Takes nothing, so dropping this future
    /// loses nothing.
    pub async fn wait_for_work(&self, queue: QueueName) -> Result<(), StateError> {
        on_backend!(self.backend(), wait_for_work(queue, WAIT_FOR_WORK))
    }

    /// Takes the oldest job of the group with the fewest running ones. A request that is repeated with the same
    /// nonce gets the same claim.
    pub async fn claim_next(
        &self,
        queue: QueueName,
        request: &ClaimRequest,
    ) -> Result<Option<Claim>, StateError> {
        on_backend!(self.backend(), claim_next(queue, request))
    }
}
