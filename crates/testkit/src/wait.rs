//! Waiting for a condition instead of sleeping: as short as the machine allows, and with an end that says what for.

use std::future::Future;
use std::time::{Duration, Instant};

/// How long a test waits by default. Generous: it is only ever reached by a test that fails.
const PATIENCE: Duration = Duration::from_secs(30);
/// How often the condition is looked at.
const POLL: Duration = Duration::from_millis(10);

/// Waits until `condition` holds.
///
/// # Panics
/// After thirty seconds, naming `what` was waited for.
pub async fn wait_until<F, Fut>(what: &str, condition: F)
where
    F: FnMut() -> Fut,
    Fut: Future<Output = bool>,
{
    wait_until_within(PATIENCE, what, condition).await;
}

/// Waits until `condition` holds, at most for `patience`.
///
/// # Panics
/// When it did not hold in time, naming `what` was waited for.
pub async fn wait_until_within<F, Fut>(patience: Duration, what: &str, mut condition: F)
where
    F: FnMut() -> Fut,
    Fut: Future<Output = bool>,
{
    let started = Instant::now();
    while !condition().await {
        assert!(started.elapsed() < patience, "waited {patience:?} in vain: {what}");
        tokio::time::sleep(POLL).await;
    }
}

/// [`wait_until_within`] for code without a runtime.
///
/// # Panics
/// When the condition did not hold in time, naming `what` was waited for.
pub fn wait_until_blocking(patience: Duration, what: &str, mut condition: impl FnMut() -> bool) {
    let started = Instant::now();
    while !condition() {
        assert!(started.elapsed() < patience, "waited {patience:?} in vain: {what}");
        std::thread::sleep(POLL);
    }
}

/// Polls a start-up until it answers, fails for good, or the time is up.
pub(crate) fn ready_within(
    patience: Duration,
    mut ready: impl FnMut() -> anyhow::Result<bool>,
) -> anyhow::Result<()> {
    let started = Instant::now();
    while !ready()? {
        anyhow::ensure!(started.elapsed() < patience, "not ready after {patience:?}");
        std::thread::sleep(POLL);
    }
    Ok(())
}
