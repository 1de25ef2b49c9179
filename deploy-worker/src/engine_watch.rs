//! Whether the engine can build, looked at all the time: a worker whose Docker is broken claims nothing.

use shipstack_engine::{Engine, EngineConfig, EngineError, Live};
use shipstack_plan::ToolInventory;
use shipstack_records::Records;
use shipstack_types::ClaimNumber;
use std::time::Duration;
use tokio::sync::watch;
use tokio_util::sync::CancellationToken;

/// How often the engine is asked.
const ASK_EVERY: Duration = Duration::from_secs(2);

/// Waits until there is an engine to connect to; `None` when told to stop first.
pub(crate) async fn connect(config: EngineConfig, stop: &CancellationToken) -> Option<Engine> {
    let mut told = false;
    loop {
        match Engine::connect(config.clone()).await {
            Ok(engine) => return Some(engine),
            Err(error) if !told => {
                tracing::error!(%error, "no build can start before Docker answers: is it running, is DOCKER_HOST right?");
                told = true;
            }
            Err(_) => {}
        }
        stop.run_until_cancelled(tokio::time::sleep(ASK_EVERY)).await?;
    }
}

/// Asks the engine, and tells the runner whether it may claim.
pub(crate) struct EngineWatch {
    pub(crate) engine: Engine,
    pub(crate) tell: watch::Sender<bool>,
}

impl EngineWatch {
    /// Watches until `stop`.
    pub(crate) async fn run(self, stop: CancellationToken) -> anyhow::Result<()> {
        let _stopped = stop.run_until_cancelled(self.watch()).await;
        Ok(())
    }

    async fn watch(&self) {
        loop {
            let ready = match self.look().await {
                Ok(()) => true,
                Err(error) => {
                    if *self.tell.borrow() {
                        tracing::error!(%error, "builds cannot run now; nothing is claimed until they can");
                    }
                    false
                }
            };
            self.tell.send_if_modified(|told| std::mem::replace(told, ready) != ready);
            tokio::time::sleep(ASK_EVERY).await;
        }
    }

    /// Everything a build needs from the engine: an answer, the image, the warm proxy.
    async fn look(&self) -> Result<(), EngineError> {
        self.engine.ping().await?;
        self.engine.start_egress().await
    }
}

/// The tools of the builder image, as the plan asks for them.
pub(crate) async fn inventory(engine: &Engine) -> Result<ToolInventory, EngineError> {
    let tools = engine.tools().await?;
    Ok(ToolInventory::of_tools(tools.iter().map(|tool| (tool.name.as_str(), tool.major))))
}

/// Removes what dead workers left on this engine.
pub(crate) async fn clean(engine: &Engine, records: &Records) -> anyhow::Result<()> {
    let live = live(records).await?;
    let age = records.state.timing().rules.lease * 2;
    let cleaned = engine.clean(&live, age).await?;
    tracing::debug!(?cleaned, "janitor");
    Ok(())
}

/// The claims that somebody holds.
async fn live(records: &Records) -> anyhow::Result<Live> {
    let mut live = Live::default();
    let mut cursor = 0;
    loop {
        let (ids, next) = records.state.unfinished(cursor).await?;
        for id in ids {
            if let Some(job) = records.state.job(&id).await?.filter(|job| job.owner.is_some()) {
                live.extend(ClaimNumber::new(job.build_fence).map(|claim| (id, claim)));
            }
        }
        if next == 0 {
            return Ok(live);
        }
        cursor = next;
    }
}
