//! One claim in this worker's hands: kept alive, run by the handler, and let go of.

use super::Runner;
use super::finish::After;
use crate::job::{Handler, Job, StopReason, StopSignal};
use crate::log::LogBounds;
use crate::outcome::{BuildReport, Ending};
use crate::{JobLog, RecordsError};
use futures_util::FutureExt as _;
use shipstack_service::DeploymentTrace;
use shipstack_state::{Claim, Decider, StateError};
use shipstack_types::{Failure, Phase, QueueName};
use std::panic::AssertUnwindSafe;
use std::sync::Arc;
use std::time::Instant;
use tokio::task::JoinSet;
use tracing::Span;

impl<H: Handler> Runner<H> {
    pub(super) async fn work(&self, claim: Claim, claimed_at: Instant) {
        let stop = StopSignal::default();
        self.with_running(|running| running.insert(claim.id.clone(), stop.clone()));
        self.heartbeats.hold(claim.clone(), stop.clone(), claimed_at);
        // A claim that outlived its work would be kept alive until the deadline of its job, and what carries its log for ever.
        let run = AssertUnwindSafe(self.run(&claim, &stop)).catch_unwind().await.unwrap_or_else(|_panic| {
            stop.stop(StopReason::LeaseLost);
            Err(RecordsError::Panicked)
        });
        match run {
            Ok(()) => {}
            Err(RecordsError::State(StateError::LeaseLost { .. })) => {
                tracing::warn!(deployment.id = %claim.id, "the lease was lost; nothing of this claim is shown");
            }
            Err(error) => self.could_not_run(&claim, &error).await,
        }
        self.heartbeats.release(&claim);
        self.with_running(|running| running.remove(&claim.id));
    }

    async fn run(&self, claim: &Claim, stop: &StopSignal) -> Result<(), RecordsError> {
        // The heartbeat carries a cancellation too, but only every few seconds.
        let _told = self.listen_for_cancel(claim.clone(), stop.clone());
        let Some(birth) = self.records.begin(claim, stop.lost()).await? else { return Ok(()) };
        DeploymentTrace::of(&birth).goes_on_in(&Span::current());
        tracing::info!(deployment.id = %claim.id, claim = claim.number.get(), attempt = claim.attempt, "job taken");
        let records = self.records.clone();
        let earlier = records.earlier_log(claim, &birth).await?;
        let bounds = LogBounds { earlier, cap_bytes: self.config.log_bytes };
        let (log, carrier) = JobLog::open(&records, claim, bounds, stop.lost().clone());
        log.hide(&birth.build.env);
        let job = Arc::new(Job::new(claim.clone(), birth, log, records, stop.clone()));
        let end = self.handler.run(Arc::clone(&job)).await;
        let after = self.finish(&job, end, carrier).await;
        if !matches!(after, Ok(After::Ended)) {
            job.log.keep(&self.records, claim).await;
        }
        after.map(drop)
    }

    /// Stops the job as soon as somebody cancels it; the listening ends when the returned handle is dropped.
    fn listen_for_cancel(&self, claim: Claim, stop: StopSignal) -> JoinSet<()> {
        let state = self.records.state.clone();
        let mut listening = JoinSet::new();
        listening.spawn(async move {
            state.cancel_requested(&claim).await;
            if state.job(&claim.id).await.is_ok_and(|job| job.is_some_and(|job| job.cancel)) {
                stop.stop(StopReason::Cancelled);
            }
        });
        listening
    }

    /// A job that the platform could not even begin, or not end. When its attempts are used up it ends with what went
    /// wrong: the reaper would only know that its holder gave up.
    async fn could_not_run(&self, claim: &Claim, error: &RecordsError) {
        tracing::warn!(deployment.id = %claim.id, %error, "the job goes back");
        let back = self.back_after(error.code(), claim).await;
        if self.hand_back(claim, back).await {
            return;
        }
        let phase = match H::QUEUE {
            QueueName::Intake => Phase::Cloning,
            QueueName::Build => Phase::Preparing,
        };
        let ending = Ending::Failed(Failure::new(phase, error.code()));
        let by = Decider::Holder(claim);
        if let Err(error) = self.records.conclude(by, &claim.id, BuildReport::default(), ending).await {
            tracing::warn!(deployment.id = %claim.id, %error, "its end is left to the reaper");
        }
    }
}
