//! How long a caller waits for the store, and how it tries again.

use std::collections::hash_map::RandomState;
use std::future::Future;
use std::hash::BuildHasher;
use std::time::{Duration, Instant};

use crate::StoreError;

/// Slowest transfer that is still believed in, in bytes per second: one attempt may take this much longer per byte.
const SLOWEST: u64 = 256 * 1024;
/// First pause between two attempts; doubled each time. One lost connection should not be felt.
const FIRST_PAUSE: Duration = Duration::from_millis(50);
/// Longest pause between two attempts.
const LONGEST_PAUSE: Duration = Duration::from_secs(2);

/// How long one caller waits.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Patience {
    /// How long one attempt may take, and how long a body may stand still. Transfers get more by their size.
    pub attempt: Duration,
    /// How long after its first failure an operation is tried again.
    pub retry_for: Duration,
}

impl Patience {
    /// For jobs, where a retry is cheaper than another build.
    pub const JOB: Self = Self { attempt: Duration::from_secs(20), retry_for: Duration::from_secs(30) };
    /// For requests, where somebody waits for the answer.
    pub const REQUEST: Self = Self { attempt: Duration::from_secs(5), retry_for: Duration::from_secs(2) };

    /// How long one attempt to move so many bytes may take.
    pub(crate) fn to_move(self, bytes: u64) -> Duration {
        self.attempt + Duration::from_secs(bytes / SLOWEST)
    }

    /// Runs `attempt` until it succeeds, fails for good, or the patience is used up. The last error is answered.
    pub(crate) async fn retry<T, F>(
        self,
        bytes: u64,
        key: &str,
        mut attempt: impl FnMut() -> F,
    ) -> Result<T, StoreError>
    where
        F: Future<Output = Result<T, StoreError>>,
    {
        let mut first_failure = None;
        let mut pause = FIRST_PAUSE;
        loop {
            let done = tokio::time::timeout(self.to_move(bytes), attempt()).await;
            let error = match done.unwrap_or_else(|_| Err(StoreError::stalled(key))) {
                Err(error) if error.is_transient() => error,
                settled => return settled,
            };
            let since = first_failure.get_or_insert_with(Instant::now).elapsed();
            if since + pause > self.retry_for {
                return Err(error);
            }
            tracing::debug!(key, error = &error as &dyn std::error::Error, "the object store is tried again");
            tokio::time::sleep(jittered(pause)).await;
            pause = (pause * 2).min(LONGEST_PAUSE);
        }
    }
}

/// Between half of `pause` and all of it, so that many callers do not come back at once. The randomness is that of
/// the standard library's hash seeds: good enough for this, and no further dependency.
fn jittered(pause: Duration) -> Duration {
    let percent = RandomState::new().hash_one(0) % 51;
    pause / 2 + pause * u32::try_from(percent).unwrap_or_default() / 100
}

#[cfg(test)]
mod tests {
    use super::*;

    const SHORT: Patience =
        Patience { attempt: Duration::from_millis(50), retry_for: Duration::from_millis(300) };

    async fn failing_times(times: u32, error: fn() -> StoreError) -> (Result<(), StoreError>, u32) {
        let mut calls = 0;
        let result = SHORT.retry(0, "k", || {
            calls += 1;
            let failed = calls <= times;
            async move { if failed { Err(error()) } else { Ok(()) } }
        });
        (result.await, calls)
    }

    fn transient() -> StoreError {
        StoreError::stalled("k")
    }

    fn final_error() -> StoreError {
        StoreError::KeyTooLong { key: "k".to_owned() }
    }

    #[tokio::test]
    async fn a_transient_failure_is_tried_again() {
        assert!(matches!(failing_times(2, transient).await, (Ok(()), 3)));
    }

    #[tokio::test]
    async fn a_final_failure_is_not_tried_again() {
        assert!(matches!(failing_times(1, final_error).await, (Err(StoreError::KeyTooLong { .. }), 1)));
    }

    #[tokio::test]
    async fn patience_ends() {
        let (result, calls) = failing_times(u32::MAX, transient).await;
        assert!(result.is_err() && (2..20).contains(&calls), "{calls} calls");
    }

    #[tokio::test]
    async fn an_attempt_that_hangs_is_given_up() {
        let hangs = SHORT.retry(0, "k", std::future::pending::<Result<(), StoreError>>);
        assert!(matches!(hangs.await, Err(StoreError::Unavailable { .. })));
    }

    #[test]
    fn large_bodies_get_more_time() {
        assert_eq!(Patience::JOB.to_move(SLOWEST * 10), Patience::JOB.attempt + Duration::from_secs(10));
    }
}
