//! Live logs.

use super::State;
use crate::backend::on_backend;
use crate::{Claim, LogPage, StateError};
use shipstack_types::{DeploymentId, LogLine};

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

    /// Forgets the live lines; their archive must be in the store.
    pub async fn drop_log(&self, id: &DeploymentId) -> Result<(), StateError> {
        on_backend!(self.backend(), drop_log(id))
    }
}
