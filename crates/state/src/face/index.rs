//! Which deployments there are, what came of them, and which request asked for them.

use super::State;
use crate::backend::on_backend;
use crate::{IndexEntry, IndexQuery, Reservation, Reserved, StateError};
use shipstack_types::{DeploymentId, Timestamp};

impl State {
    /// Deployments in the order of acceptance, newest first. One that ends or is forgotten between two pages may be
    /// missing from both, none is in two.
    pub async fn list(&self, query: &IndexQuery) -> Result<Vec<IndexEntry>, StateError> {
        on_backend!(self.backend(), list(query))
    }

    /// Forgets a job that has ended: nobody knows it from then on. `false` when it has not ended. May be repeated.
    pub async fn forget(&self, id: &DeploymentId) -> Result<bool, StateError> {
        on_backend!(self.backend(), forget(id))
    }

    /// Notes that `child` was made from `parent`.
    pub async fn add_child(
        &self,
        parent: &DeploymentId,
        child: &DeploymentId,
        at: Timestamp,
    ) -> Result<(), StateError> {
        on_backend!(self.backend(), add_child(parent, child, at))
    }

    /// The newest deployments that were made from this one, newest first, at most `most`.
    pub async fn children(
        &self,
        parent: &DeploymentId,
        most: usize,
    ) -> Result<Vec<DeploymentId>, StateError> {
        on_backend!(self.backend(), children(parent, most))
    }

    /// Reserves an idempotency key for a deployment; whoever reserved it first has it until its time is over.
    pub async fn reserve(&self, wanted: &Reservation) -> Result<Reserved, StateError> {
        on_backend!(self.backend(), reserve(wanted))
    }
}
