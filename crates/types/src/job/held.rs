//! What happens to a job that somebody takes, has, or had.

use super::{Hold, Holder, Job, JobRules, Refusal, Standing};
use crate::{ClaimNumber, Phase, QueueName, Timestamp, WorkerId};

pub(super) fn claim(
    job: &Job,
    (worker, nonce): (&WorkerId, u64),
    now: Timestamp,
    rules: &JobRules,
) -> Result<Job, Refusal> {
    if job.standing != Standing::Waiting {
        return Err(Refusal::NotWaiting);
    }
    if job.cancel {
        return Err(Refusal::Cancelled);
    }
    let (span, phase) = match job.queue {
        QueueName::Intake => (rules.intake_deadline, Phase::Cloning),
        QueueName::Build => (rules.build_deadline, Phase::Preparing),
    };
    let lease = now.plus(rules.lease);
    let mut taken = job.clone();
    match job.queue {
        QueueName::Intake => taken.intake_fence = job.intake_fence.saturating_add(1),
        QueueName::Build => taken.build_fence = job.build_fence.saturating_add(1),
    }
    taken.standing = Standing::Held(Hold { worker: worker.clone(), nonce, since: now, lease });
    taken.attempt = job.attempt.saturating_add(1);
    taken.deliveries = job.deliveries.saturating_add(1);
    taken.deadline = now.plus(span);
    taken.phase = phase;
    Ok(taken)
}

pub(super) fn heartbeat(
    job: &Job,
    holder: &Holder,
    now: Timestamp,
    rules: &JobRules,
) -> Result<Job, Refusal> {
    let hold = job.hold_of(holder).ok_or(Refusal::LeaseLost)?;
    if job.deadline <= now {
        return Err(Refusal::DeadlinePassed);
    }
    // A heartbeat cannot keep a hung build alive: no lease reaches past the deadline.
    let lease = now.plus(rules.lease).min(job.deadline);
    Ok(Job { standing: Standing::Held(Hold { lease, ..hold.clone() }), ..job.clone() })
}

pub(super) fn enter_phase(job: &Job, holder: &Holder, phase: Phase) -> Result<Job, Refusal> {
    job.hold_of(holder).ok_or(Refusal::LeaseLost)?;
    Ok(Job { phase: phase.max(job.phase), ..job.clone() })
}

pub(super) fn source_ready(
    job: &Job,
    holder: &Holder,
    now: Timestamp,
    rules: &JobRules,
) -> Result<Job, Refusal> {
    if holder.queue == QueueName::Intake && job.source_claim == Some(holder.number) {
        return Ok(job.clone());
    }
    job.hold_of(holder).ok_or(Refusal::LeaseLost)?;
    if holder.queue != QueueName::Intake {
        return Err(Refusal::LeaseLost);
    }
    if job.cancel {
        return Err(Refusal::Cancelled);
    }
    let queued = Job::new(QueueName::Build, now, rules);
    Ok(Job {
        source_claim: Some(holder.number),
        intake_fence: job.intake_fence,
        build_fence: job.build_fence,
        ..queued
    })
}

pub(super) fn drain(job: &Job, holder: &Holder, now: Timestamp, rules: &JobRules) -> Result<Job, Refusal> {
    if job.released.as_ref() == Some(holder) {
        return Ok(job.clone());
    }
    job.hold_of(holder).ok_or(Refusal::LeaseLost)?;
    let (attempt, deliveries) = (job.attempt.saturating_sub(1), job.deliveries.saturating_sub(1));
    Ok(Job { attempt, deliveries, released: Some(holder.clone()), ..given_back(job, now, rules) })
}

pub(super) fn platform_fault(
    job: &Job,
    holder: &Holder,
    due: Timestamp,
    (now, rules): (Timestamp, &JobRules),
) -> Result<Job, Refusal> {
    if job.released.as_ref() == Some(holder) {
        return Ok(job.clone());
    }
    job.hold_of(holder).ok_or(Refusal::LeaseLost)?;
    if job.used_up(rules) {
        return Err(Refusal::AttemptsUsedUp);
    }
    let (standing, phase) = (Standing::Resting { due }, Phase::Retrying);
    Ok(Job { standing, phase, released: Some(holder.clone()), ..given_back(job, now, rules) })
}

pub(super) fn reap(job: &Job, number: ClaimNumber, now: Timestamp, rules: &JobRules) -> Result<Job, Refusal> {
    let expired = matches!(&job.standing, Standing::Held(hold) if hold.lease <= now);
    if !expired || job.fence() != number.get() {
        return Err(Refusal::NotExpired);
    }
    if job.cancel {
        return Err(Refusal::Cancelled);
    }
    if job.deadline <= now {
        return Err(Refusal::DeadlinePassed);
    }
    if job.used_up(rules) {
        return Err(Refusal::AttemptsUsedUp);
    }
    Ok(given_back(job, now, rules))
}

pub(super) fn sweep(job: &Job, holder: &Holder, now: Timestamp, rules: &JobRules) -> Result<Job, Refusal> {
    let hold = job.hold_of(holder).ok_or(Refusal::LeaseLost)?;
    if job.deliveries >= rules.deliveries {
        // Not given out for ever: the reaper finds it expired and says that nothing is left.
        let hold = Hold { lease: now.min(hold.lease), ..hold.clone() };
        return Ok(Job {
            standing: Standing::Held(hold),
            attempt: job.attempt.max(rules.attempts),
            ..job.clone()
        });
    }
    let attempt = job.attempt.saturating_sub(1);
    Ok(Job { attempt, released: Some(holder.clone()), ..given_back(job, now, rules) })
}

fn given_back(job: &Job, now: Timestamp, rules: &JobRules) -> Job {
    let deadline = now.plus(rules.queue_timeout);
    Job { standing: Standing::Waiting, phase: Phase::Queued, deadline, ..job.clone() }
}
