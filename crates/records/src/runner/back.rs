//! How a job goes back into its queue, and when further ones are taken after a store failed one.

use super::Runner;
use crate::job::Handler;
use shipstack_state::{Claim, HandBack, HandedBack};
use shipstack_types::{Code, Failure, Fault};
use std::sync::atomic::Ordering;
use std::time::Duration;

/// Rests after a platform fault, by attempt (reliability.md §2).
const RETRY_AFTER: [Duration; 2] = [Duration::from_secs(2), Duration::from_secs(10)];
/// Between two looks at a store that does not answer.
const STORE_PAUSE: Duration = Duration::from_secs(1);

impl<H: Handler> Runner<H> {
    /// How a job goes back after this. A store that is away, or full, is no job's fault: it costs no attempt, and no
    /// further job is taken until the store answers again. One that answers may well have an object that never will.
    pub(super) async fn back_after(&self, code: Code, claim: &Claim) -> HandBack {
        let is_store = matches!(code, Code::StoreUnavailable | Code::DiskFull);
        if is_store && self.records.store.check().await.is_err() {
            self.store_in_doubt.store(true, Ordering::Relaxed);
            return HandBack::Drain;
        }
        platform_rest(claim.attempt)
    }

    /// Waits until a store that failed a job answers again.
    pub(super) async fn store_answers(&self) {
        while self.store_in_doubt.load(Ordering::Relaxed) {
            match self.records.store.check().await {
                Ok(()) => self.store_in_doubt.store(false, Ordering::Relaxed),
                Err(error) => {
                    tracing::warn!(%error, "no job is taken while the store does not answer");
                    tokio::time::sleep(STORE_PAUSE).await;
                }
            }
        }
    }

    /// Gives a job back; `false` when its attempts are used up, so that its failure has to be decided.
    pub(super) async fn hand_back(&self, claim: &Claim, why: HandBack) -> bool {
        match self.records.state.hand_back(claim, why).await {
            Ok(HandedBack::AttemptsUsedUp) => false,
            Ok(_) => true,
            Err(error) => {
                // The lease runs out and the reaper does the same, only later.
                tracing::warn!(deployment.id = %claim.id, %error, "the job could not be handed back");
                true
            }
        }
    }
}

/// Whether another attempt, perhaps of another worker, may end otherwise. What a worker's own engine denies it says nothing
/// of the job, however little a client could do about it by asking again (decision 9).
pub(super) fn may_go_better_elsewhere(failure: &Failure) -> bool {
    let is_the_workers = matches!(failure.code, Code::ImageMissing | Code::EnginePermissionDenied);
    failure.fault == Fault::Platform && (failure.retryable || is_the_workers)
}

fn platform_rest(attempt: u32) -> HandBack {
    let place = usize::try_from(attempt.saturating_sub(1)).unwrap_or(usize::MAX);
    let [_, longest] = RETRY_AFTER;
    HandBack::PlatformFault { retry_after: RETRY_AFTER.get(place).copied().unwrap_or(longest) }
}
