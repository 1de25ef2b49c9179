//! What can be seen.

use super::book::Book;
use crate::{EventPage, JobView, Outcome, StateEvent};
use shipstack_types::DeploymentId;
use shipstack_types::job::Standing;

pub(super) fn outcome(book: &Book, id: &DeploymentId) -> Option<Outcome> {
    let entry = book.entries.get(id)?;
    match (&entry.job.standing, &entry.record) {
        (Standing::Settling { verdict, .. }, Some(record)) => {
            Some(Outcome { state: verdict.state, record: record.clone() })
        }
        _ => None,
    }
}

pub(super) fn job(book: &mut Book, id: &DeploymentId) -> Option<JobView> {
    let queue = book.job(id)?.queue;
    let place = book.queue(queue).iter().position(|other| other == id);
    let entry = book.entries.get(id)?;
    let job = &entry.job;
    let owner = match &job.standing {
        Standing::Held(hold) => Some(hold.worker.clone()),
        _ => None,
    };
    Some(JobView {
        state: job.word(),
        queue,
        settling: matches!(job.standing, Standing::Settling { .. }),
        phase: job.phase,
        attempt: job.attempt,
        intake_fence: job.intake_fence,
        build_fence: job.build_fence,
        source_claim: job.source_claim,
        owner,
        cancel: job.cancel,
        group: entry.group.clone(),
        phases: entry.phases.clone(),
        plan: entry.plan.clone(),
        queue_position: place
            .and_then(|place| u64::try_from(place).ok())
            .map(|place| place.saturating_add(1)),
    })
}

/// The jobs that wait and count as the same group as this one.
pub(super) fn waiting_beside(book: &Book, id: &DeploymentId) -> Vec<DeploymentId> {
    let Some(group) = book.entries.get(id).map(|entry| &entry.group) else { return Vec::new() };
    let beside = |other: &&DeploymentId| {
        let entry = book.entries.get(*other).filter(|entry| entry.group == *group);
        *other != id && entry.is_some_and(|entry| entry.job.is_waiting() && !entry.job.cancel)
    };
    let mut found: Vec<DeploymentId> = book.unfinished.values().filter(beside).cloned().collect();
    found.sort();
    found
}

pub(super) fn events(book: &Book, after: &str, max: usize) -> Option<EventPage> {
    let events: Vec<StateEvent> = book.events_after(after)?.take(max).cloned().collect();
    let next = events.last().map_or(after, |last| last.cursor.as_str()).to_owned();
    Some(EventPage { events, next })
}
