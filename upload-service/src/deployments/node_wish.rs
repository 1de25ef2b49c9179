//! Whether any worker has the Node that a request asks for: what none has is refused before anything is fetched or stored.
//!
//! Only what the workers say themselves counts. While one of them does not say what it has, or none is there, the request
//! is taken, and the worker that builds it decides as ever.

use super::query::problem;
use crate::app::App;
use shipstack_http::Problem;
use shipstack_state::WorkerSeen;
use shipstack_types::BuildOptions;
use std::collections::BTreeSet;

/// Refuses a wish that no worker meets, with what they have.
pub(super) async fn check(app: &App, build: &BuildOptions) -> Result<(), Problem> {
    let Some(wish) = &build.node else { return Ok(()) };
    // A state that is away is told by what comes next, which needs it.
    let workers = app.records.state.workers().await.unwrap_or_default();
    match offered(&workers) {
        Some(majors) if !shipstack_plan::has_node(wish, &majors) => Err(refused(wish, &majors)),
        _ => Ok(()),
    }
}

/// The Node majors of all workers, ascending; `None` when that is not known of every one.
fn offered(workers: &[WorkerSeen]) -> Option<Vec<u32>> {
    let is_known = !workers.is_empty() && workers.iter().all(|seen| !seen.presence.node.is_empty());
    let majors: BTreeSet<u32> = workers.iter().flat_map(|seen| seen.presence.node.iter().copied()).collect();
    is_known.then(|| majors.into_iter().collect())
}

fn refused(wish: &str, majors: &[u32]) -> Problem {
    let there = majors.iter().map(u32::to_string).collect::<Vec<_>>().join(", ");
    problem(&format!("node asks for {wish}, which no worker has; they have Node {there}"))
}
