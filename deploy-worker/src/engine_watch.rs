//! Whether builds can run here, looked at all the time: a worker whose Docker is broken, whose image is missing or whose disk
//! is full claims nothing. The jobs are not bad, the worker is.

use crate::fitness::{Ailment, Fitness};
use crate::room::Room;
use shipstack_engine::{Engine, EngineConfig, EngineError, Live};
use shipstack_plan::ToolInventory;
use shipstack_records::Records;
use shipstack_types::{ClaimNumber, Code};
use std::time::Duration;
use tokio_util::sync::CancellationToken;

/// How often the engine is asked.
const ASK_EVERY: Duration = Duration::from_secs(2);

/// Looks at everything that a build needs, and notes whether the worker may claim.
pub(crate) struct EngineWatch {
    pub(crate) room: Room,
    pub(crate) fitness: Fitness,
}

impl EngineWatch {
    /// Waits until there is an engine to connect to; `None` when told to stop first.
    pub(crate) async fn connect(&self, config: EngineConfig, stop: &CancellationToken) -> Option<Engine> {
        loop {
            match Engine::connect(config.clone()).await {
                Ok(engine) => return Some(engine),
                Err(error) => self.note(Some(Ailment::from(&error))),
            }
            stop.run_until_cancelled(tokio::time::sleep(ASK_EVERY)).await?;
        }
    }

    /// Watches this engine until `stop`.
    pub(crate) async fn run(mut self, engine: Engine, stop: CancellationToken) -> anyhow::Result<()> {
        let _stopped = stop.run_until_cancelled(self.watch(&engine)).await;
        Ok(())
    }

    async fn watch(&mut self, engine: &Engine) {
        loop {
            let ailing = self.look(engine).await.err().map(|error| Ailment::from(&error));
            self.note(ailing);
            tokio::time::sleep(ASK_EVERY).await;
        }
    }

    /// The disks are looked at whatever the engine says: both are to be mended.
    fn note(&self, ailing: Option<Ailment>) {
        self.fitness.note(self.room.look().into_iter().chain(ailing).collect());
    }

    /// Everything a build needs from the engine: an answer, the image, the warm proxy.
    async fn look(&mut self, engine: &Engine) -> Result<(), EngineError> {
        engine.ping().await?;
        if self.room.engine.is_none() {
            self.room.engine = engine.data_folder().await?;
        }
        if let Some(image) = engine.missing_image().await? {
            self.note(Some(being_had(&image)));
            engine.ensure_image().await?;
        }
        engine.start_egress().await
    }
}

/// Half a gigabyte is on its way: what is claimed meanwhile would only wait here and not with a worker that has it.
fn being_had(image: &str) -> Ailment {
    Ailment {
        code: Code::ImageMissing,
        what: format!("the builder image {image} is missing and is being pulled or built"),
        remedy: Code::ImageMissing.info().remedy.to_owned(),
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
