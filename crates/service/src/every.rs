//! Housekeeping that repeats.

use std::fmt::Display;
use std::future::Future;
use std::time::Duration;

use tokio_util::sync::CancellationToken;
use tracing::{Instrument as _, info, info_span, warn};

/// How often a loop runs.
#[derive(Debug, Clone, Copy)]
pub struct Pace {
    /// From the end of one run to the start of the next.
    pub interval: Duration,
    /// Up to this much more, drawn anew each time, so that processes started together do not act together.
    pub jitter: Duration,
}

impl Pace {
    /// That interval, and up to a fifth of it as jitter.
    pub fn about(interval: Duration) -> Self {
        Self { interval, jitter: interval / 5 }
    }

    fn next(self) -> Duration {
        let millis = u64::try_from(self.jitter.as_millis()).unwrap_or(u64::MAX);
        self.interval + Duration::from_millis(rand::random_range(0..=millis))
    }
}

/// Runs `work` now and then again and again until `stop`.
///
/// A run that fails is logged (once until it succeeds again) and repeated at the same pace. A run in progress when
/// `stop` comes is dropped at its next await, so `work` has to be idempotent, as reconcilers are.
pub async fn every<F, Fut, E>(name: &'static str, pace: Pace, stop: CancellationToken, work: F)
where
    F: FnMut() -> Fut,
    Fut: Future<Output = Result<(), E>>,
    E: Display,
{
    let span = info_span!("loop", work = name);
    // Whether it was stopped is of no interest: it can end in no other way.
    let _ = stop.run_until_cancelled(forever(name, pace, work)).instrument(span).await;
}

async fn forever<F, Fut, E>(name: &'static str, pace: Pace, mut work: F)
where
    F: FnMut() -> Fut,
    Fut: Future<Output = Result<(), E>>,
    E: Display,
{
    let mut failing = false;
    loop {
        // On the heap, so that a loop is small whatever it does.
        let outcome = Box::pin(work()).await;
        match &outcome {
            Err(error) if !failing => warn!(%error, "{name} failed; it is tried again"),
            Ok(()) if failing => info!("{name} works again"),
            _ => {}
        }
        failing = outcome.is_err();
        tokio::time::sleep(pace.next()).await;
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;
    use std::sync::atomic::{AtomicU32, Ordering};

    use super::*;

    fn fast() -> Pace {
        Pace { interval: Duration::from_millis(1), jitter: Duration::from_millis(1) }
    }

    #[tokio::test]
    async fn a_failing_run_is_repeated_and_the_loop_ends_when_told() {
        let (runs, stop) = (Arc::new(AtomicU32::new(0)), CancellationToken::new());
        let work = || {
            let run = runs.fetch_add(1, Ordering::Relaxed);
            let stop = stop.clone();
            async move {
                if run == 4 {
                    stop.cancel();
                }
                Err::<(), _>("always")
            }
        };
        every("test", fast(), stop.clone(), work).await;
        assert_eq!(runs.load(Ordering::Relaxed), 5);
    }

    #[tokio::test]
    async fn a_run_that_hangs_does_not_outlive_the_stop() {
        let stop = CancellationToken::new();
        let hang = || {
            stop.cancel();
            std::future::pending::<Result<(), String>>()
        };
        every("test", fast(), stop.clone(), hang).await;
    }

    #[test]
    fn jitter_only_adds() {
        let pace = Pace::about(Duration::from_secs(10));
        for _ in 0..100 {
            let next = pace.next();
            assert!((Duration::from_secs(10)..=Duration::from_secs(12)).contains(&next), "{next:?}");
        }
    }
}
