//! The loops that keep the queue honest.

use super::book::{Book, Suspect};
use crate::backend::{Absence, Step};
use crate::{Amiss, Audit, Reaped, Repair, Timing, Verdict};
use shipstack_types::job::{self, Diagnosis, Event, Facts, JobRules, Refusal, Standing, diagnose};
use shipstack_types::{ClaimNumber, DeploymentId, Timestamp};

/// Ids that one slice of reconcile looks at.
const SLICE: usize = 128;

pub(super) fn reap(book: &mut Book, absence: Absence, timing: &Timing) -> Vec<Reaped> {
    let now = book.now();
    if absence == Absence::Seen {
        book.no_reaping_before = now.plus(timing.rules.lease * 2);
        book.suspects.clear();
    }
    if now < book.no_reaping_before {
        return Vec::new();
    }
    let expired = expired_claims(book);
    let mut found: Vec<Reaped> = expired.iter().filter_map(|id| second_look(book, id, timing)).collect();
    found.extend(unsettled(book, &timing.rules));
    found
}

fn expired_claims(book: &Book) -> Vec<DeploymentId> {
    let over = |id: &DeploymentId| matches!(book.job(id).map(|job| &job.standing), Some(Standing::Held(hold)) if hold.lease <= book.now());
    // Newest first: given back to the front in this order, the oldest is next.
    book.unfinished.values().rev().filter(|id| over(id)).cloned().collect()
}

/// The first look makes a suspect, the second one acts.
fn second_look(book: &mut Book, id: &DeploymentId, timing: &Timing) -> Option<Reaped> {
    let now = book.now();
    let job = book.job(id)?;
    let (queue, fence) = (job.queue, job.fence());
    match book.suspects.get(id) {
        Some(suspect) if suspect.fence == fence => {
            if now.since(suspect.since) < timing.second_look() {
                return None;
            }
        }
        _ => {
            book.suspects.insert(id.clone(), Suspect { fence, since: now });
            return None;
        }
    }
    let number = ClaimNumber::new(fence)?;
    let verdict = act(book, id, number, &timing.rules)?;
    Some(Reaped { id: id.clone(), queue, fence: number, verdict })
}

fn act(book: &mut Book, id: &DeploymentId, number: ClaimNumber, rules: &JobRules) -> Option<Verdict> {
    let event = Event::Reap(number);
    match job::apply(book.job(id), &event, book.now(), rules) {
        Ok(after) => {
            book.commit(id, &after, &Step::from(event));
            Some(Verdict::GivenBack)
        }
        Err(Refusal::AttemptsUsedUp) => Some(Verdict::AttemptsUsedUp),
        Err(Refusal::DeadlinePassed) => Some(Verdict::DeadlinePassed),
        Err(Refusal::Cancelled) => Some(Verdict::Cancelled),
        Err(_) => None,
    }
}

/// Outcomes that were decided a lease ago and not settled; each is pointed out once a lease.
fn unsettled(book: &mut Book, rules: &JobRules) -> Vec<Reaped> {
    let now = book.now();
    let due = |since: &Timestamp| now.since(*since) >= rules.lease;
    let mut ids: Vec<DeploymentId> =
        book.settling.iter().filter(|(_, since)| due(since)).map(|(id, _)| id.clone()).collect();
    ids.sort();
    let reaped = |id: &DeploymentId| {
        let job = book.job(id)?;
        // Cancelled before anybody took it: there is no claim, and none is needed to settle.
        let fence = ClaimNumber::new(job.fence()).unwrap_or(ClaimNumber::FIRST);
        Some(Reaped { id: id.clone(), queue: job.queue, fence, verdict: Verdict::NeedsSettling })
    };
    let found = ids.iter().filter_map(reaped).collect();
    for id in ids {
        book.settling.insert(id, now);
    }
    found
}

pub(super) fn promote_due(book: &mut Book, rules: &JobRules) -> u32 {
    let is_due = |id: &&DeploymentId| matches!(book.job(id).map(|job| &job.standing), Some(Standing::Resting { due }) if *due <= book.now());
    let ids: Vec<DeploymentId> = book.unfinished.values().rev().filter(is_due).cloned().collect();
    for id in &ids {
        if let Ok(after) = job::apply(book.job(id), &Event::Promote, book.now(), rules) {
            book.commit(id, &after, &Step::from(Event::Promote));
        }
    }
    u32::try_from(ids.len()).unwrap_or(u32::MAX)
}

pub(super) fn unfinished(book: &Book, cursor: u64) -> (Vec<DeploymentId>, u64) {
    let slice: Vec<(u64, DeploymentId)> =
        book.unfinished.range(cursor..).take(SLICE).map(|(number, id)| (*number, id.clone())).collect();
    let full = slice.len() == SLICE;
    let next = slice.last().filter(|_| full).map_or(0, |(number, _)| number.saturating_add(1));
    (slice.into_iter().map(|(_, id)| id).collect(), next)
}

/// In one process the lists cannot lose an id and nobody else writes `status`; what remains is unfinished business.
pub(super) fn repair(book: &mut Book, id: &DeploymentId) -> Repair {
    let Some(job) = book.job(id).cloned() else {
        return Repair::Unknown;
    };
    let queued = book.queue(job.queue).contains(id);
    let facts =
        Facts { word: Some(job.word()), queued, resting: true, leased: true, foreign_may_have_it: false };
    match diagnose(&job, &facts, book.now()) {
        Diagnosis::NeedsSettling => Repair::NeedsSettling,
        Diagnosis::CancelPending => Repair::CancelPending,
        Diagnosis::QueueTimeout => Repair::QueueTimeout,
        Diagnosis::Requeue => {
            book.queue(job.queue).push_front(id.clone());
            Repair::Requeued
        }
        _ => Repair::Nothing,
    }
}

/// What nobody mends, of one job. Its lease and its rest are part of it here, so only a queue can have lost it.
pub(super) fn audit(book: &mut Book, id: &DeploymentId, timing: &Timing) -> Option<Audit> {
    let entry = book.entries.get(id)?;
    let since = entry.phases.first().map(|phase| phase.started_at);
    let (job, rules) = (entry.job.clone(), &timing.rules);
    let reaped_from = book.no_reaping_before;
    let is_listed = job.cancel || book.queue(job.queue).contains(id);
    let too_often = job.attempt > rules.attempts || job.deliveries > rules.deliveries;
    let long_over = matches!(&job.standing, Standing::Held(hold)
        if book.now().since(hold.lease.max(reaped_from)) > timing.long_over());
    let in_no_list = job.standing == Standing::Waiting && !is_listed;
    let amiss = [
        too_often.then_some(Amiss::TooOften { attempts: job.attempt, deliveries: job.deliveries }),
        long_over.then_some(Amiss::LeaseLongOver),
        in_no_list.then_some(Amiss::InNoList),
    ];
    let amiss = amiss.into_iter().flatten().collect();
    Some(Audit { amiss, build_fence: job.build_fence, since })
}
