//! Store, state, clock and worker id, as everything here needs them.

use shipstack_state::State;
use shipstack_storage::Store;
use shipstack_types::{Clock, Timestamp, WorkerId};
use std::sync::Arc;

/// The meeting place of store and state. Cheap to clone.
#[derive(Clone)]
pub struct Records {
    /// The object store.
    pub store: Store,
    /// Queue, leases, index and live logs.
    pub state: State,
    /// Where the time comes from.
    pub clock: Arc<dyn Clock>,
    /// This process, as it claims jobs and holds locks.
    pub worker: WorkerId,
}

impl Records {
    /// The time now.
    #[must_use]
    pub fn now(&self) -> Timestamp {
        self.clock.now()
    }
}
