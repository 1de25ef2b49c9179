//! What a worker looks at for `/readyz`: the engine, whether builds can run on it, Redis and the store.

use shipstack_engine::Engine;
use shipstack_http::{Check, Checks};
use shipstack_records::Records;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;
use tokio::sync::watch;

/// An engine that takes longer than this to describe itself is not well.
const PATIENCE: Duration = Duration::from_secs(3);
const START: &str = "Start Docker, or set DOCKER_HOST to an engine.";

/// The engine as the health of this process sees it: none before the first has answered.
#[derive(Clone, Default)]
pub(crate) struct EngineInSight(Arc<Mutex<Option<Shown>>>);

/// An engine, and what its watch says of it.
type Shown = (Engine, watch::Receiver<bool>);

impl EngineInSight {
    /// From now on this engine is looked at, and what its watch says of it.
    pub(crate) fn show(&self, engine: Engine, ready: watch::Receiver<bool>) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = Some((engine, ready));
    }

    /// What the engine says of itself, and whether builds are taken.
    pub(crate) async fn checks(&self) -> Vec<Check> {
        let shown = self.0.lock().unwrap_or_else(PoisonError::into_inner).clone();
        let Some((engine, ready)) = shown else {
            return vec![Check::broken("engine", "no engine has answered yet", START)];
        };
        let looked = tokio::time::timeout(PATIENCE, engine.check()).await;
        let mut checks: Vec<Check> = match looked {
            Ok(checks) => checks,
            Err(_) => vec![Check::broken("engine", "no answer in 3 s", START)],
        };
        checks.push(builds(*ready.borrow()));
        checks
    }
}

/// What the worker itself goes by: it claims nothing while this is broken.
fn builds(ready: bool) -> Check {
    if ready {
        return Check::ok("builds", "engine, image and egress proxy are ready");
    }
    let remedy = "Look at the other checks and at the worker's log; it goes on by itself.";
    Check::broken("builds", "nothing is claimed now", remedy)
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
