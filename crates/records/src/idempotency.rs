//! Requests that may be repeated: a key is reserved for a deployment before that is born (promise 22).
//!
//! The reservation is in the state, so that all processes share it, and in the birth, so that a reindex brings it back.

use crate::{Records, RecordsError};
use shipstack_state::Reservation;
use shipstack_types::{Birth, DeploymentId, IdempotencyMark};
use std::time::Duration;

/// How long a key counts (contract §6).
const LASTING: Duration = Duration::from_hours(24);

/// What a repeated key leads to.
#[derive(Debug)]
pub enum Reserving {
    /// The request goes on with this id: a new one, or that of an earlier request which never got this far.
    Go(DeploymentId),
    /// The same was asked before: this came of it.
    Done(Box<Birth>),
    /// The key was used for something else.
    Reused,
    /// What came of it was deleted since.
    Deleted,
}

impl Records {
    /// Reserves a key for a new id.
    pub async fn reserve_key(
        &self,
        mark: IdempotencyMark,
        id: DeploymentId,
    ) -> Result<Reserving, RecordsError> {
        let wanted = Reservation { mark, id, lasting: LASTING };
        let reserved = self.state.reserve(&wanted).await?;
        if reserved.request != mark.request {
            return Ok(Reserving::Reused);
        }
        let id = reserved.id;
        if self.is_deleted(&id).await? {
            return Ok(Reserving::Deleted);
        }
        let Some(birth) = self.known_birth(&id).await? else { return Ok(Reserving::Go(id)) };
        // An earlier request may have recorded the birth and then lost the state before the job was queued.
        if self.state.status(&id).await?.is_none() {
            self.restore(&id).await?;
        }
        Ok(Reserving::Done(Box::new(birth)))
    }

    /// Brings a reservation back, as far as it still counts.
    pub(crate) async fn restore_key(&self, birth: &Birth) -> Result<(), RecordsError> {
        let Some(mark) = birth.idempotency else { return Ok(()) };
        let lasting = LASTING.saturating_sub(self.now().since(birth.created_at));
        if !lasting.is_zero() {
            self.state.reserve(&Reservation { mark, id: birth.id.clone(), lasting }).await?;
        }
        Ok(())
    }
}
