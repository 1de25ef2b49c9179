//! The loops that keep the promise that every acknowledged id ends (reliability.md §2). Each may run in any number of
//! processes at once.

use shipstack_records::{Records, RecordsError};
use shipstack_service::{Pace, Shutdown, Supervisor, every};
use std::time::Duration;

/// How often it is looked whether the index is there.
const INDEX: Duration = Duration::from_secs(1);
/// How often everything unfinished is compared with the truth.
const RECONCILE: Duration = Duration::from_mins(1);

/// How often what was recorded and never queued is looked for.
const UNQUEUED: Duration = Duration::from_mins(10);

/// How often the store is swept.
const SWEEP: Duration = Duration::from_hours(24);

/// Starts index, reaper, reconciler, the look for what was never queued and the sweep of the store; they end with a soft stop.
pub(crate) fn spawn(parts: &mut Supervisor, records: &Records, shutdown: &Shutdown) {
    let (own, stop) = (records.clone(), shutdown.soft());
    parts.spawn("index", async move {
        every("index", Pace::about(INDEX), stop, || async { own.ensure_index().await.map(drop) }).await;
        Ok::<_, RecordsError>(())
    });
    let (own, stop) = (records.clone(), shutdown.soft());
    parts.spawn("reaper", async move {
        every("reaper", Pace::about(own.state.timing().reap), stop, || Box::pin(own.reap())).await;
        Ok::<_, RecordsError>(())
    });
    let (own, stop) = (records.clone(), shutdown.soft());
    parts.spawn("reconciler", async move {
        every("reconciler", Pace::about(RECONCILE), stop, || Box::pin(own.reconcile())).await;
        Ok::<_, RecordsError>(())
    });
    let (own, stop) = (records.clone(), shutdown.soft());
    parts.spawn("unqueued", async move {
        every("unqueued", Pace::about(UNQUEUED), stop, || async { own.restore_unqueued().await.map(drop) })
            .await;
        Ok::<_, RecordsError>(())
    });
    let (own, stop) = (records.clone(), shutdown.soft());
    parts.spawn("sweep", async move {
        every("sweep", Pace::about(SWEEP), stop, || async { own.sweep().await.map(drop) }).await;
        Ok::<_, RecordsError>(())
    });
}
