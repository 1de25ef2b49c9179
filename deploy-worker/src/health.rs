//! What a worker looks at for `/readyz`: the engine, whether builds are taken, Redis and the store.

use crate::fitness::Fitness;
use shipstack_engine::Engine;
use shipstack_http::{Check, Checks};
use shipstack_records::Records;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

/// An engine that takes longer than this to describe itself is not well.
const PATIENCE: Duration = Duration::from_secs(3);
/// What the tool is called in the image's list.
const NODE: &str = "node";
const START: &str = "Start Docker, or set DOCKER_HOST to an engine.";

/// The engine as the health of this process sees it: none before the first has answered. Clones share it.
#[derive(Clone, Default)]
pub(crate) struct EngineInSight {
    engine: Arc<Mutex<Option<Engine>>>,
    /// What keeps the worker from claiming.
    pub(crate) fitness: Fitness,
}

impl EngineInSight {
    /// From now on this engine is looked at.
    pub(crate) fn show(&self, engine: Engine) {
        *self.engine.lock().unwrap_or_else(PoisonError::into_inner) = Some(engine);
    }

    fn shown(&self) -> Option<Engine> {
        self.engine.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// The Node majors of the builder image; none while there is no image, and for one that does not say what it has.
    pub(crate) async fn node_majors(&self) -> Vec<u32> {
        let Some(engine) = self.shown() else { return Vec::new() };
        let told = tokio::time::timeout(PATIENCE, engine.tools_there()).await;
        let tools = told.ok().and_then(Result::ok).unwrap_or_default();
        tools.iter().filter(|tool| tool.name == NODE).map(|tool| tool.major).collect()
    }

    /// What the engine says of itself, and whether builds are taken, which is what the worker itself goes by.
    pub(crate) async fn checks(&self) -> Vec<Check> {
        let mut checks = match self.shown() {
            Some(engine) => describe(&engine).await,
            None => vec![Check::broken("engine", "no engine has answered yet", START)],
        };
        checks.push(self.fitness.check());
        checks
    }
}

async fn describe(engine: &Engine) -> Vec<Check> {
    let looked = tokio::time::timeout(PATIENCE, engine.check()).await;
    looked.unwrap_or_else(|_| vec![Check::broken("engine", "no answer in 3 s", START)])
}

/// Everything that a worker needs.
pub(crate) fn checks(records: &Records, engine: &EngineInSight) -> Checks {
    let (records, engine) = (records.clone(), engine.clone());
    Checks::of(move || {
        let (records, engine) = (records.clone(), engine.clone());
        async move {
            let (mut checks, neighbours) = tokio::join!(engine.checks(), records.readiness());
            checks.extend(neighbours);
            checks
        }
    })
}
