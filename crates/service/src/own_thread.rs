//! A thread with a runtime of its own, for what must go on while the main runtime is busy.
//!
//! A heartbeat on the shared runtime misses its time when enough tasks compute or block; the lease is then lost although
//! the worker is well. Here the operating system schedules it. What runs on the thread has to own its connections:
//! one that was opened on the main runtime is driven by the main runtime.

use std::future::Future;
use std::{io, thread};

use tokio::sync::oneshot;
use tokio_util::sync::{CancellationToken, DropGuard};

/// A running thread. Dropping it stops the work at its next await, without waiting for that.
#[derive(Debug)]
pub struct OwnThread {
    stop: DropGuard,
    ended: oneshot::Receiver<()>,
}

impl OwnThread {
    /// Starts a thread of that name and runs on it, within a single-threaded runtime, what `make` makes. The future
    /// never leaves the thread, so it need not be `Send`.
    pub fn spawn<F, Fut>(name: &str, make: F) -> io::Result<Self>
    where
        F: FnOnce() -> Fut + Send + 'static,
        Fut: Future<Output = ()>,
    {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
        let stop = CancellationToken::new();
        let (end, ended) = oneshot::channel();
        let stopped = stop.clone();
        thread::Builder::new().name(name.to_owned()).spawn(move || {
            runtime.block_on(async { stopped.run_until_cancelled(make()).await });
            // Nobody has to be listening.
            let _ = end.send(());
        })?;
        Ok(Self { stop: stop.drop_guard(), ended })
    }

    /// Waits until the work has ended by itself.
    pub async fn ended(&mut self) {
        // An error means that the thread is gone, by a panic: ended as well.
        let _ = (&mut self.ended).await;
    }

    /// Stops the work and waits until the thread has let go of everything.
    pub async fn stop(self) {
        drop(self.stop);
        let _ = self.ended.await;
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;
    use std::sync::atomic::{AtomicU32, Ordering};
    use std::time::Duration;

    use shipstack_testkit::wait_until_blocking;

    use super::*;

    async fn beat(beats: Arc<AtomicU32>) {
        loop {
            beats.fetch_add(1, Ordering::Relaxed);
            tokio::time::sleep(Duration::from_millis(1)).await;
        }
    }

    #[tokio::test]
    async fn a_busy_runtime_does_not_starve_it() {
        let beats = Arc::new(AtomicU32::new(0));
        let counted = Arc::clone(&beats);
        let heart = OwnThread::spawn("heart", move || beat(counted)).unwrap();
        // This blocks the only thread of the test's runtime.
        wait_until_blocking(Duration::from_secs(10), "20 beats", || beats.load(Ordering::Relaxed) > 20);
        heart.stop().await;
        let after = beats.load(Ordering::Relaxed);
        tokio::task::yield_now().await;
        assert_eq!(beats.load(Ordering::Relaxed), after);
        assert_eq!(Arc::strong_count(&beats), 1, "the thread let go");
    }

    #[tokio::test]
    async fn its_end_is_seen_even_by_panic() {
        OwnThread::spawn("short", || async {}).unwrap().ended().await;
        OwnThread::spawn("panics", || async { panic!("on purpose") }).unwrap().ended().await;
    }
}
