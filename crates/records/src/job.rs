//! A claimed job in the hands of its handler: what it is, where its log goes, and how it hears that it must stop.

use crate::outcome::BuildReport;
use crate::{JobLog, Records, RecordsError};
use shipstack_service::DeploymentTrace;
use shipstack_state::{Claim, StateError};
use shipstack_types::{Birth, BuildPlan, Failure, Phase, QueueName};
use std::future::Future;
use std::sync::{Arc, Mutex, OnceLock, PoisonError};
use tokio_util::sync::CancellationToken;
use tracing::Span;

/// Why a job must stop before it is done. The first reason counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum StopReason {
    /// Somebody cancelled the deployment.
    Cancelled,
    /// The lease is lost, or soon could be: nothing of this claim may be shown.
    LeaseLost,
    /// The process shuts down and the drain window is over.
    Drain,
}

/// The signal that a job must stop.
#[derive(Clone, Default)]
pub(crate) struct StopSignal {
    stopped: CancellationToken,
    lost: CancellationToken,
    reason: Arc<OnceLock<StopReason>>,
}

impl StopSignal {
    pub(crate) fn stop(&self, reason: StopReason) {
        let _ = self.reason.set(reason); // an earlier reason stays
        if reason == StopReason::LeaseLost {
            self.lost.cancel();
        }
        self.stopped.cancel();
    }

    /// Why; a lost lease outranks whatever came before it.
    pub(crate) fn reason(&self) -> Option<StopReason> {
        if self.lost.is_cancelled() { Some(StopReason::LeaseLost) } else { self.reason.get().copied() }
    }

    pub(crate) fn stopped(&self) -> &CancellationToken {
        &self.stopped
    }

    pub(crate) fn lost(&self) -> &CancellationToken {
        &self.lost
    }
}

/// How a handler ended.
#[derive(Debug)]
pub enum JobEnd {
    /// Intake: snapshot and `source.json` of this claim are stored.
    SourceReady,
    /// Build: artifacts and manifest of this claim are stored, or the build failed; the report says which.
    Finished(Box<BuildReport>),
    /// The source could not be had, or the platform could not; a platform fault is tried again.
    Failed(Box<BuildReport>, Failure),
    /// It stopped because it was told to.
    Stopped,
}

/// What does the work of one queue.
pub trait Handler: Send + Sync + 'static {
    /// Which queue.
    const QUEUE: QueueName;

    /// Does one job. Must come back soon after [`Job::stopped`] fires, with everything of its own removed.
    fn run(&self, job: Arc<Job>) -> impl Future<Output = JobEnd> + Send;
}

/// A claimed job.
pub struct Job {
    /// The claim.
    pub claim: Claim,
    /// The deployment's birth.
    pub birth: Birth,
    /// The log.
    pub log: JobLog,
    /// Store and state.
    pub records: Records,
    pub(crate) stop: StopSignal,
    /// The span of the phase that it is in.
    phase: Mutex<Option<Span>>,
    plan: OnceLock<BuildPlan>,
}

impl Job {
    pub(crate) fn new(claim: Claim, birth: Birth, log: JobLog, records: Records, stop: StopSignal) -> Self {
        Self { claim, birth, log, records, stop, phase: Mutex::default(), plan: OnceLock::new() }
    }

    /// The trace of the deployment.
    #[must_use]
    pub fn trace(&self) -> DeploymentTrace {
        DeploymentTrace::of(&self.birth)
    }

    /// Ends the span of the phase.
    pub(crate) fn leave_phase(&self) {
        self.phase.lock().unwrap_or_else(PoisonError::into_inner).take();
    }

    /// Fires when the job must stop.
    #[must_use]
    pub fn stopped(&self) -> &CancellationToken {
        self.stop.stopped()
    }

    /// Why it must stop, once [`Self::stopped`] fired.
    #[must_use]
    pub fn stop_reason(&self) -> Option<StopReason> {
        self.stop.reason()
    }

    /// Shows what was decided to do, as far as the state can be reached: a plan is a view, like a phase.
    pub async fn decided(&self, plan: &BuildPlan) -> Result<(), RecordsError> {
        let _ = self.plan.set(plan.clone()); // one claim decides once
        match self.records.state.note_plan(&self.claim, &plan.clone().into()).await {
            Err(StateError::LeaseLost { id }) => {
                self.stop.stop(StopReason::LeaseLost);
                Err(StateError::LeaseLost { id }.into())
            }
            Err(error) => {
                tracing::warn!(deployment.id = %self.claim.id, %error, "plan not recorded");
                Ok(())
            }
            Ok(()) => Ok(()),
        }
    }

    /// What is known of a job that was stopped on the way: what had been decided to do.
    pub(crate) fn report_so_far(&self) -> BuildReport {
        BuildReport { plan: self.plan.get().cloned(), ..BuildReport::default() }
    }

    /// Enters a phase: in the log at once, in the state as soon as it can be reached. A lost lease stops the job.
    pub async fn enter(&self, phase: Phase) -> Result<(), RecordsError> {
        self.log.set_phase(phase);
        // The last one ends before the next one begins.
        self.leave_phase();
        *self.phase.lock().unwrap_or_else(PoisonError::into_inner) = Some(self.trace().span(phase.as_str()));
        match self.records.state.enter_phase(&self.claim, phase, None).await {
            Err(StateError::LeaseLost { id }) => {
                self.stop.stop(StopReason::LeaseLost);
                Err(StateError::LeaseLost { id }.into())
            }
            // A phase is a view; a Redis that is away must not fail a build whose lease can still be honoured.
            Err(error) => {
                tracing::warn!(deployment.id = %self.claim.id, %phase, %error, "phase not recorded");
                Ok(())
            }
            Ok(()) => Ok(()),
        }
    }
}
