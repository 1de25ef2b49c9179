//! Says that this worker is there and how it is, so that the API can show it before anybody has to look at logs.

use shipstack_engine::Engine;
use shipstack_records::Records;
use shipstack_service::{CancellationToken, Pace, every};
use shipstack_state::WorkerPresence;
use shipstack_types::Check;
use tokio::sync::watch;

/// What stands in the list beside the worker's id.
const ROLE: &str = "deploy-worker";

/// A worker that tells of itself, from before it has an engine on: that is when people look.
pub(crate) struct Presence {
    pub(crate) records: Records,
    pub(crate) slots: u32,
    pub(crate) engine: watch::Receiver<Option<Engine>>,
}

impl Presence {
    /// Tells once a lease, until `stop`; a worker that is gone is forgotten three leases later.
    pub(crate) async fn run(self, stop: CancellationToken) -> anyhow::Result<()> {
        let pace = Pace::about(self.records.state.timing().rules.lease);
        every("presence", pace, stop, || self.tell()).await;
        Ok(())
    }

    async fn tell(&self) -> anyhow::Result<()> {
        let engine = self.engine.borrow().clone();
        let checks = match engine {
            Some(engine) => engine.check().await.into_iter().map(check).collect(),
            None => vec![Check::broken(
                "engine",
                "Docker has not answered yet.",
                "Start Docker, or set DOCKER_HOST to an engine.",
            )],
        };
        let presence = WorkerPresence {
            worker: self.records.worker.clone(),
            role: ROLE.to_owned(),
            slots: self.slots,
            version: env!("CARGO_PKG_VERSION").to_owned(),
            checks,
        };
        Ok(self.records.state.announce(&presence).await?)
    }
}

fn check(found: shipstack_engine::Check) -> Check {
    let remedy = Some(found.remedy).filter(|remedy| !remedy.is_empty());
    Check { name: found.name.to_owned(), ok: found.ok, detail: found.detail, remedy }
}
