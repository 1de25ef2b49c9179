//! The most memory a sandbox used, from the engine's samples, one a second.
//!
//! Sampled beside the build and not asked at its end: asking once takes the engine a whole second. With cgroup v1 a
//! sample carries the kernel's own high-water mark; with v2 it is the usage at that moment. Page cache is included.

use crate::client::Client;
use bollard::query_parameters::StatsOptions;
use futures_util::StreamExt;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use tokio_util::task::AbortOnDropHandle;

/// A running sampling; it ends when dropped.
#[derive(Debug)]
pub(super) struct Peak {
    bytes: Arc<AtomicU64>,
    _task: AbortOnDropHandle<()>,
}

impl Peak {
    pub(super) fn watch(client: &Client, container: &str) -> Self {
        let bytes = Arc::new(AtomicU64::new(0));
        let task = tokio::spawn(sample(client.clone(), container.to_owned(), Arc::clone(&bytes)));
        Self { bytes, _task: AbortOnDropHandle::new(task) }
    }

    /// The most so far; `None` before the first sample.
    pub(super) fn bytes(&self) -> Option<u64> {
        Some(self.bytes.load(Ordering::Relaxed)).filter(|bytes| *bytes > 0)
    }
}

/// Ends with the container; a peak that is missing is no reason to fail a build.
async fn sample(client: Client, container: String, bytes: Arc<AtomicU64>) {
    let options = StatsOptions { stream: true, one_shot: false };
    let mut samples = Box::pin(client.lasting.stats(&container, Some(options)));
    while let Some(Ok(sample)) = samples.next().await {
        let memory = sample.memory_stats.and_then(|memory| memory.max_usage.max(memory.usage));
        bytes.fetch_max(memory.unwrap_or(0), Ordering::Relaxed);
    }
}
