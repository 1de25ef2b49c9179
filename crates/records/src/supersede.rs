//! Older deployments of the same source that still wait give way to a newer one that asks for it.
//!
//! Guarantees: only what is older, has the same repository, ref and folder, and waits is ended; whether it waits is decided in
//! the same step that ends it, so what a worker has claimed builds on. What it is not: a cancellation; nobody is told to stop.

use crate::objects::read_json;
use crate::outcome::{BuildReport, Ending};
use crate::{Records, RecordsError};
use futures_util::{StreamExt, TryStreamExt, stream};
use shipstack_state::Decider;
use shipstack_storage::ObjectKey;
use shipstack_types::{Birth, Code, DeploymentId, Failure, Phase, SourceRequest};

/// Deployments ended together: enough to hide the store's latency.
const AT_ONCE: usize = 8;

impl Records {
    /// Ends every older deployment of the same source that still waits. May be repeated, and is: one whose source was being
    /// fetched the first time may wait the next.
    pub async fn supersede_older(&self, newer: &Birth) -> Result<(), RecordsError> {
        let waiting = self.state.waiting_beside(&newer.id).await?;
        let ending = stream::iter(waiting).map(|id| async move { self.give_way(&id, newer).await });
        ending.buffer_unordered(AT_ONCE).try_collect().await
    }

    async fn give_way(&self, id: &DeploymentId, newer: &Birth) -> Result<(), RecordsError> {
        let birth: Option<Birth> = read_json(&self.store, &ObjectKey::Birth(id.clone())).await?;
        if !birth.is_some_and(|older| gives_way(&older, newer)) {
            return Ok(());
        }
        tracing::info!(deployment.id = %id, newer = %newer.id, "superseded, unless it is claimed first");
        let failure = Failure::new(Phase::Queued, Code::Superseded);
        let failure =
            failure.message(format!("A newer deployment of the same branch, {}, took its place.", newer.id));
        self.conclude(Decider::Superseder(id), id, BuildReport::default(), Ending::Failed(failure)).await
    }
}

/// Whether this one is older and of the same source. A redeploy is of one snapshot and not of a branch, so no other takes
/// its place.
fn gives_way(older: &Birth, newer: &Birth) -> bool {
    let both_git = matches!(older.source, SourceRequest::Git { .. }) && older.parent.is_none();
    let same = older.source == newer.source && older.build.directory == newer.build.directory;
    both_git && same && (older.created_at, &older.id) < (newer.created_at, &newer.id)
}
