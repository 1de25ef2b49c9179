//! Says that this worker is there and how it is, so that the API can show it before anybody has to look at logs.

use crate::health::EngineInSight;
use shipstack_records::Records;
use shipstack_service::{CancellationToken, Pace, every};
use shipstack_state::WorkerPresence;

/// What stands in the list beside the worker's id.
const ROLE: &str = "deploy-worker";

/// A worker that tells of itself, from before it has an engine on: that is when people look.
pub(crate) struct Presence {
    pub(crate) records: Records,
    pub(crate) slots: u32,
    pub(crate) engine: EngineInSight,
}

impl Presence {
    /// Tells once a lease, until `stop`; a worker that is gone is forgotten three leases later.
    pub(crate) async fn run(self, stop: CancellationToken) -> anyhow::Result<()> {
        let pace = Pace::about(self.records.state.timing().rules.lease);
        every("presence", pace, stop, || self.tell()).await;
        Ok(())
    }

    async fn tell(&self) -> anyhow::Result<()> {
        let (checks, node) = tokio::join!(self.engine.checks(), self.engine.node_majors());
        let presence = WorkerPresence {
            worker: self.records.worker.clone(),
            role: ROLE.to_owned(),
            slots: self.slots,
            version: env!("CARGO_PKG_VERSION").to_owned(),
            checks,
            node,
        };
        Ok(self.records.state.announce(&presence).await?)
    }
}
