//! What becomes of a job whose handler is done with it: its end, its next queue, or back.

use super::Runner;
use super::back::may_go_better_elsewhere;
use crate::RecordsError;
use crate::job::{Handler, Job, JobEnd, StopReason};
use crate::outcome::{BuildReport, Ending};
use shipstack_service::failpoint;
use shipstack_state::{Decider, Decision, HandBack, StateError};
use shipstack_types::job::Refusal;
use shipstack_types::{Birth, Failure, Phase};
use tokio::task::JoinHandle;
use tracing::Instrument as _;

/// What becomes of a job whose holder is done with it.
pub(super) enum After {
    /// Its end is visible.
    Ended,
    /// It goes on in other hands, which need its log.
    GoesOn,
}

impl<H: Handler> Runner<H> {
    /// Brings a job that its handler is done with to its end, to its next queue, or back.
    pub(super) async fn finish(
        &self,
        job: &Job,
        end: JobEnd,
        carrier: JoinHandle<()>,
    ) -> Result<After, RecordsError> {
        if let (JobEnd::Finished(_), None) = (&end, job.stop_reason()) {
            job.enter(Phase::Publishing).await?;
        } else {
            job.leave_phase();
        }
        let end = masked(job, end);
        say(job, &end);
        job.log.close();
        // The log is complete before anything is decided: appending is refused from then on.
        tokio::select! {
            _ = carrier => {}
            () = job.stop.lost().cancelled() => return Ok(After::GoesOn),
        }
        match (end, job.stop_reason()) {
            (_, Some(StopReason::LeaseLost)) => Ok(After::GoesOn),
            (_, Some(StopReason::Cancelled)) => self.end(job, job.report_so_far(), Ending::Cancelled).await,
            (JobEnd::SourceReady, _) => self.source_ready(job).await,
            (JobEnd::Finished(report), _) => self.end(job, *report, Ending::Deployed).await,
            (JobEnd::Failed(report, failure), _) => self.failed(job, *report, failure).await,
            (JobEnd::Stopped, _) => {
                self.hand_back(&job.claim, HandBack::Drain).await;
                Ok(After::GoesOn)
            }
        }
    }

    async fn failed(&self, job: &Job, report: BuildReport, failure: Failure) -> Result<After, RecordsError> {
        if may_go_better_elsewhere(&failure) {
            let back = self.back_after(failure.code, &job.claim).await;
            if self.hand_back(&job.claim, back).await {
                return Ok(After::GoesOn);
            }
        }
        self.end(job, report, Ending::Failed(failure)).await
    }

    /// The snapshot is stored; a cancellation that came before it was told counts.
    async fn source_ready(&self, job: &Job) -> Result<After, RecordsError> {
        self.supersede_older(&job.birth).await;
        // Before anybody can build it: whoever does looks for what a state that crashed may have forgotten of this log.
        job.log.keep(&self.records, &job.claim).await;
        match self.records.state.source_ready(&job.claim).await {
            Err(StateError::Refused { refusal: Refusal::Cancelled, .. }) => {
                self.end(job, job.report_so_far(), Ending::Cancelled).await
            }
            told => Ok(told.map(|()| After::GoesOn)?),
        }
    }

    /// What was being fetched when this one was accepted may wait by now. That it fails changes nothing of this one.
    async fn supersede_older(&self, birth: &Birth) {
        if !birth.supersede {
            return;
        }
        if let Err(error) = self.records.supersede_older(birth).await {
            tracing::warn!(deployment.id = %birth.id, %error, "what it supersedes may still be built");
        }
    }

    async fn end(&self, job: &Job, report: BuildReport, ending: Ending) -> Result<After, RecordsError> {
        failpoint::reach("decide").await?;
        let by = Decider::Holder(&job.claim);
        if self.records.decide(by, &job.birth, report, ending).await? == Decision::CancelRequested {
            self.records.decide(by, &job.birth, job.report_so_far(), Ending::Cancelled).await?;
        }
        failpoint::reach("settle").await?;
        let heard = job.log.whole();
        let settling = self.records.settle_until(&job.claim.id, &heard, &self.config.hard);
        let ended = settling.instrument(job.trace().span("settle")).await;
        Ok(if ended { After::Ended } else { After::GoesOn })
    }
}

/// The end as everybody may read it: a failure quotes commands, and hosts that the build asked for.
fn masked(job: &Job, end: JobEnd) -> JobEnd {
    let JobEnd::Failed(report, failure) = end else { return end };
    let (message, remedy) = (job.log.masked(failure.message), job.log.masked(failure.remedy));
    JobEnd::Failed(report, Failure { message, remedy, ..failure })
}

/// The end in the log, in words.
fn say(job: &Job, end: &JobEnd) {
    match (end, job.stop_reason()) {
        (_, Some(StopReason::Cancelled)) => job.log.system("Cancelled."),
        (_, Some(StopReason::Drain)) => {
            job.log.system("The worker shuts down; the job goes back into the queue.");
        }
        (JobEnd::Failed(_, failure), _) => {
            job.log.system(format!("{}: {}", failure.code, failure.message));
            job.log.system(failure.remedy.clone());
        }
        _ => {}
    }
}
