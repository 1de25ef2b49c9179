//! The transition table: (job, event) → job or refusal.

use super::{Decider, Event, Holder, Job, JobRules, Refusal, Standing, Verdict, held, restore};
use crate::{ClaimNumber, DeploymentState, Phase, QueueName, Sha256Digest, Timestamp};

/// What the job becomes by this event, or why it does not. `None` stands for a job that nobody knows.
pub fn apply(job: Option<&Job>, event: &Event, now: Timestamp, rules: &JobRules) -> Result<Job, Refusal> {
    match (job, event) {
        (Some(job), Event::QueueIntake | Event::QueueBuild { .. }) => Ok(job.clone()),
        (None, Event::QueueIntake) => Ok(Job::new(QueueName::Intake, now, rules)),
        (None, Event::QueueBuild { source_claim }) => Ok(queued_build(*source_claim, now, rules)),
        (job, Event::Restore(restored)) => Ok(restore::restore(job, restored, now, rules)),
        (None, _) => Err(Refusal::Unknown),
        (Some(job), event) => known(job, event, now, rules),
    }
}

fn queued_build(source_claim: Option<ClaimNumber>, now: Timestamp, rules: &JobRules) -> Job {
    let job = Job::new(QueueName::Build, now, rules);
    // The archive took the place of intake claim `source_claim`, so a later intake may not use its number again.
    let intake_fence = source_claim.map_or(0, ClaimNumber::get);
    Job { intake_fence, source_claim, ..job }
}

fn known(job: &Job, event: &Event, now: Timestamp, rules: &JobRules) -> Result<Job, Refusal> {
    match event {
        Event::Claim { worker, nonce } => held::claim(job, (worker, *nonce), now, rules),
        Event::Heartbeat(holder) => held::heartbeat(job, holder, now, rules),
        Event::EnterPhase(holder, phase) => held::enter_phase(job, holder, *phase),
        Event::SourceReady(holder) => held::source_ready(job, holder, now, rules),
        Event::Drain(holder) => held::drain(job, holder, now, rules),
        Event::PlatformFault { holder, rest } => {
            held::platform_fault(job, holder, now.plus(*rest), (now, rules))
        }
        Event::Reap(number) => held::reap(job, *number, now, rules),
        Event::Sweep(holder) => held::sweep(job, holder, now, rules),
        Event::Decide { by, state, digest } => decide(job, (by, *state, *digest), now, rules),
        Event::Settle => settle(job),
        Event::RequestCancel => request_cancel(job),
        Event::Promote => promote(job, now),
        Event::QueueIntake | Event::QueueBuild { .. } | Event::Restore(_) => Ok(job.clone()),
    }
}

fn decide(
    job: &Job,
    (by, state, digest): (&Decider, DeploymentState, Sha256Digest),
    now: Timestamp,
    rules: &JobRules,
) -> Result<Job, Refusal> {
    let verdict = Verdict { by: by.clone(), state, digest: Some(digest) };
    if let Standing::Settling { verdict: fixed, .. } | Standing::Ended(fixed) = &job.standing {
        return if *fixed == verdict { Ok(job.clone()) } else { Err(Refusal::AlreadyDecided) };
    }
    may_decide(job, by, now, rules)?;
    if job.cancel && state != DeploymentState::Cancelled {
        return Err(Refusal::Cancelled);
    }
    let phase = if state == DeploymentState::Deployed { Phase::Publishing } else { job.phase };
    Ok(Job { standing: Standing::Settling { word: job.word(), verdict }, phase, ..job.clone() })
}

fn may_decide(job: &Job, by: &Decider, now: Timestamp, rules: &JobRules) -> Result<(), Refusal> {
    let allowed = match by {
        Decider::Holder(holder) => return holds(job, holder),
        Decider::Canceller => job.is_waiting() && job.cancel,
        Decider::QueueTimeout => job.is_waiting() && job.deadline <= now,
        Decider::Foreign | Decider::Superseder => job.is_waiting(),
        Decider::Reaper(queue, number) => {
            let over = matches!(&job.standing, Standing::Held(hold) if hold.lease <= now);
            let nothing_left = job.cancel || job.deadline <= now || job.used_up(rules);
            over && nothing_left && job.queue == *queue && job.fence() == number.get()
        }
        Decider::Store => false,
    };
    if allowed { Ok(()) } else { Err(Refusal::TooLate) }
}

fn holds(job: &Job, holder: &Holder) -> Result<(), Refusal> {
    job.hold_of(holder).map(|_| ()).ok_or(Refusal::LeaseLost)
}

fn settle(job: &Job) -> Result<Job, Refusal> {
    match &job.standing {
        Standing::Settling { verdict, .. } => {
            Ok(Job { standing: Standing::Ended(verdict.clone()), ..job.clone() })
        }
        Standing::Ended(verdict) => Err(Refusal::Ended(verdict.state)),
        _ => Err(Refusal::NotDecided),
    }
}

fn request_cancel(job: &Job) -> Result<Job, Refusal> {
    match &job.standing {
        Standing::Settling { .. } => Err(Refusal::TooLate),
        Standing::Ended(verdict) => Err(Refusal::Ended(verdict.state)),
        _ => Ok(Job { cancel: true, ..job.clone() }),
    }
}

fn promote(job: &Job, now: Timestamp) -> Result<Job, Refusal> {
    match job.standing {
        Standing::Resting { due } if due <= now => {
            Ok(Job { standing: Standing::Waiting, phase: Phase::Queued, ..job.clone() })
        }
        _ => Err(Refusal::NotWaiting),
    }
}
