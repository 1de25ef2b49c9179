//! Taking jobs, what their holders say of them, and giving back what a worker knows nothing of.

use super::book::Book;
use crate::backend::Step;
use crate::line::WINDOW;
use crate::{Claim, ClaimRequest, StateError, Timing};
use shipstack_types::job::{self, Event, Hold, Holder, Job, JobRules, Standing};
use shipstack_types::{ClaimNumber, DeploymentId, PlanView, QueueName, WorkerId};
use std::collections::HashMap;

pub(super) fn claim_next(
    book: &mut Book,
    queue: QueueName,
    request: &ClaimRequest,
    rules: &JobRules,
) -> Option<Claim> {
    if let Some(claim) = answered_before(book, queue, request) {
        return Some(claim);
    }
    let id = fairest(book, queue)?;
    let event = Event::Claim { worker: request.worker.clone(), nonce: request.nonce };
    let taken = job::apply(book.job(&id), &event, book.now(), rules).ok()?;
    book.commit(&id, &taken, &Step::from(event));
    claim_of(book, &id)
}

/// The same request gets the same claim while it lives.
fn answered_before(book: &Book, queue: QueueName, request: &ClaimRequest) -> Option<Claim> {
    let same = |hold: &Hold| hold.worker == request.worker && hold.nonce == request.nonce;
    let (id, _) = held_in(book, queue).find(|(_, hold)| same(hold))?;
    claim_of(book, id)
}

/// Everything of this queue that somebody holds. Held jobs are few: at most all workers' slots together.
pub(super) fn held_in(book: &Book, queue: QueueName) -> impl Iterator<Item = (&DeploymentId, &Hold)> {
    let jobs = book.unfinished.values().filter_map(|id| Some((id, book.job(id)?)));
    jobs.filter(move |(_, job)| job.queue == queue).filter_map(|(id, job)| match &job.standing {
        Standing::Held(hold) => Some((id, hold)),
        _ => None,
    })
}

/// The oldest id of the group with the fewest running jobs.
fn fairest(book: &mut Book, queue: QueueName) -> Option<DeploymentId> {
    let running = running_by_group(book, queue);
    let window: Vec<DeploymentId> = book.queue(queue).iter().take(WINDOW).cloned().collect();
    let free = window.into_iter().filter_map(|id| {
        let entry = book.entries.get(&id)?;
        Some((running.get(&entry.group).copied().unwrap_or(0), id))
    });
    // `min_by_key` takes the first of equals, which is the oldest.
    free.min_by_key(|(count, _)| *count).map(|(_, id)| id)
}

fn running_by_group(book: &Book, queue: QueueName) -> HashMap<String, usize> {
    let mut running = HashMap::new();
    for (id, _) in held_in(book, queue) {
        if let Some(entry) = book.entries.get(id) {
            *running.entry(entry.group.clone()).or_insert(0) += 1;
        }
    }
    running
}

fn claim_of(book: &Book, id: &DeploymentId) -> Option<Claim> {
    let entry = book.entries.get(id)?;
    let Job { queue, attempt, source_claim, standing: Standing::Held(hold), .. } = &entry.job else {
        return None;
    };
    Some(Claim {
        id: id.clone(),
        queue: *queue,
        worker: hold.worker.clone(),
        number: ClaimNumber::new(entry.job.fence())?,
        attempt: *attempt,
        group: entry.group.clone(),
        source_claim: *source_claim,
        next_log_seq: entry.log_seq.saturating_add(1),
        adopted: false,
    })
}

/// Keeps what the holder decided to do.
pub(super) fn note_plan(
    book: &mut Book,
    id: &DeploymentId,
    holder: &Holder,
    plan: &PlanView,
) -> Result<(), StateError> {
    let lost = || StateError::LeaseLost { id: id.clone() };
    book.job(id).and_then(|job| job.hold_of(holder)).ok_or_else(lost)?;
    book.entries.get_mut(id).ok_or_else(lost)?.plan = Some(plan.clone());
    Ok(())
}

pub(super) fn sweep(
    book: &mut Book,
    (queue, worker): (QueueName, &WorkerId),
    in_hands: &[DeploymentId],
    timing: &Timing,
) -> u32 {
    let now = book.now();
    let forgotten = |(id, hold): &(&DeploymentId, &Hold)| {
        hold.worker == *worker && !in_hands.contains(id) && now.since(hold.since) >= timing.sweep_age()
    };
    let mut ids: Vec<DeploymentId> =
        held_in(book, queue).filter(forgotten).map(|(id, _)| id.clone()).collect();
    // Newest first: given back to the front in this order, the oldest is next.
    ids.reverse();
    let swept = ids.iter().filter(|id| give_back(book, id, worker, &timing.rules).is_some());
    u32::try_from(swept.count()).unwrap_or(u32::MAX)
}

fn give_back(book: &mut Book, id: &DeploymentId, worker: &WorkerId, rules: &JobRules) -> Option<()> {
    let job = book.job(id)?;
    let number = ClaimNumber::new(job.fence())?;
    let event = Event::Sweep(Holder { queue: job.queue, worker: worker.clone(), number });
    let after = job::apply(Some(job), &event, book.now(), rules).ok()?;
    book.commit(id, &after, &Step::from(event));
    Some(())
}
