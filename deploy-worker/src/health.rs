//! What a worker looks at for `/readyz`: the engine, whether builds are taken, Redis and the store.

use crate::fitness::Fitness;
use shipstack_engine::Engine;
use shipstack_http::{Check, Checks};
use shipstack_records::Records;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

/// An engine that takes longer than this to describe itself is not well.
const PATIENCE: Duration = Duration::from_secs(3);
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

    /// What the engine says of itself, and whether builds are taken, which is what the worker itself goes by.
    pub(crate) async fn checks(&self) -> Vec<Check> {
        let shown = self.engine.lock().unwrap_or_else(PoisonError::into_inner).clone();
        let mut checks = match shown {
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
