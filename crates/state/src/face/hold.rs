//! What the holder of a claim does, and how a job ends.

use super::{State, refused};
use crate::backend::{Step, on_backend};
use crate::wake::Topic;
use crate::{
    CancelAnswer, Claim, Decider, Decision, HandBack, HandedBack, Heartbeat, Outcome, Settled, StateError,
};
use shipstack_types::job::{self, Event, Refusal};
use shipstack_types::{DeploymentId, LogLine, Phase, PlanView, Sha256Digest};

impl State {
    /// Says that the holder lives. [`StateError::LeaseLost`]: stop, and show nothing.
    pub async fn heartbeat(&self, claim: &Claim) -> Result<Heartbeat, StateError> {
        let applied = self.must_apply(&claim.id, Event::Heartbeat(claim.holder())).await?;
        Ok(Heartbeat { cancel: applied.cancel })
    }

    /// Returns when somebody asked to cancel the job, or the claim is lost. The heartbeat says the same a little
    /// later, so an error of Redis is waited out here.
    pub async fn cancel_requested(&self, claim: &Claim) {
        let mut waiter = self.backend().wakeups().register(Topic::Job(claim.id.clone()));
        loop {
            if let Ok(job) = self.job(&claim.id).await
                && job.is_none_or(|job| job.cancel || job.owner.as_ref() != Some(&claim.worker))
            {
                return;
            }
            waiter.wait(self.timing().heartbeat()).await;
        }
    }

    /// Goes on to the next phase, with the system line that says so; its number must be the next one. A phase that
    /// is behind the current one is ignored.
    pub async fn enter_phase(
        &self,
        claim: &Claim,
        phase: Phase,
        line: Option<&LogLine>,
    ) -> Result<(), StateError> {
        let event = Event::EnterPhase(claim.holder(), phase);
        self.must_apply(&claim.id, Step { line: line.cloned(), ..Step::from(event) }).await.map(|_| ())
    }

    /// Says what the holder decided to do, for whoever looks while it lasts; afterwards it is in the result.
    pub async fn note_plan(&self, claim: &Claim, plan: &PlanView) -> Result<(), StateError> {
        let holder = claim.holder();
        on_backend!(self.backend(), note_plan(&claim.id, &holder, plan))
    }

    /// Intake is done: the snapshot of this claim counts, and the build is queued. Uploading → uploaded. Refused
    /// with [`Refusal::Cancelled`] when somebody asked to cancel.
    pub async fn source_ready(&self, claim: &Claim) -> Result<(), StateError> {
        self.must_apply(&claim.id, Event::SourceReady(claim.holder())).await.map(|_| ())
    }

    /// Fixes the outcome: from now on nothing else can become of the job. Good outcomes need their manifest in the
    /// store before.
    pub async fn decide(&self, by: Decider<'_>, outcome: &Outcome) -> Result<Decision, StateError> {
        let event = Event::Decide {
            by: decider(by),
            state: outcome.state,
            digest: Sha256Digest::of(&outcome.record),
        };
        let step = Step { record: Some(outcome.record.clone()), ..Step::from(event) };
        match self.apply(by.id(), step).await? {
            Ok(_) => Ok(Decision::Fixed),
            Err(Refusal::AlreadyDecided) => Ok(Decision::AlreadyDecided),
            Err(Refusal::TooLate) => Ok(Decision::TooLate),
            Err(Refusal::Cancelled) => Ok(Decision::CancelRequested),
            Err(refusal) => Err(refused(by.id(), refusal)),
        }
    }

    /// The decided outcome while it is being settled. `None` before, and after: then it is in the store.
    pub async fn outcome(&self, id: &DeploymentId) -> Result<Option<Outcome>, StateError> {
        on_backend!(self.backend(), outcome(id))
    }

    /// Makes the end visible. `result.json` must be in the store with exactly the decided bytes.
    pub async fn settle(&self, id: &DeploymentId) -> Result<Settled, StateError> {
        match self.apply(id, Event::Settle).await? {
            Ok(_) => Ok(Settled::Done),
            Err(Refusal::Ended(_)) => Ok(Settled::Already),
            Err(refusal) => Err(StateError::Refused { id: id.clone(), refusal }),
        }
    }

    /// Gives a job back.
    pub async fn hand_back(&self, claim: &Claim, why: HandBack) -> Result<HandedBack, StateError> {
        let holder = claim.holder();
        let event = match why {
            HandBack::Drain => Event::Drain(holder),
            HandBack::PlatformFault { retry_after } => {
                // Nothing rests for longer than it may wait.
                let rest = retry_after.min(self.timing().rules.queue_timeout);
                Event::PlatformFault { holder, rest }
            }
        };
        match self.apply(&claim.id, event).await? {
            Ok(_) => Ok(HandedBack::Queued),
            Err(Refusal::AttemptsUsedUp) => Ok(HandedBack::AttemptsUsedUp),
            Err(refusal) => Err(refused(&claim.id, refusal)),
        }
    }

    /// Marks the job as to be cancelled: nobody takes it any more, and its holder is told.
    pub async fn request_cancel(&self, id: &DeploymentId) -> Result<CancelAnswer, StateError> {
        Ok(match self.apply(id, Event::RequestCancel).await? {
            Ok(applied) if applied.held => CancelAnswer::Holder,
            Ok(_) => CancelAnswer::Waiting,
            Err(Refusal::Ended(word)) => CancelAnswer::AlreadyTerminal(word),
            Err(Refusal::Unknown) => CancelAnswer::Unknown,
            Err(_) => CancelAnswer::TooLate,
        })
    }
}

fn decider(by: Decider<'_>) -> job::Decider {
    match by {
        Decider::Holder(claim) => job::Decider::Holder(claim.holder()),
        Decider::Canceller(_) => job::Decider::Canceller,
        Decider::Reaper { queue, fence, .. } => job::Decider::Reaper(queue, fence),
        Decider::QueueTimeout(_) => job::Decider::QueueTimeout,
        Decider::Foreign(_) => job::Decider::Foreign,
        Decider::Superseder(_) => job::Decider::Superseder,
    }
}
