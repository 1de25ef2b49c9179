//! When a build was last heard of.

use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;
use tokio::time::{Instant, sleep_until};

/// The time of the last sign of life.
#[derive(Debug)]
pub(super) struct Pulse {
    start: Instant,
    last_millis: AtomicU64,
}

impl Pulse {
    pub(super) fn new() -> Self {
        Self { start: Instant::now(), last_millis: AtomicU64::new(0) }
    }

    /// A sign of life.
    pub(super) fn beat(&self) {
        let millis = u64::try_from(self.start.elapsed().as_millis()).unwrap_or(u64::MAX);
        self.last_millis.store(millis, Ordering::Relaxed);
    }

    /// Resolves after `silence` without a beat.
    pub(super) async fn silent_for(&self, silence: Duration) {
        loop {
            let last = self.start + Duration::from_millis(self.last_millis.load(Ordering::Relaxed));
            let due = last + silence;
            if due <= Instant::now() {
                return;
            }
            sleep_until(due).await;
        }
    }
}
