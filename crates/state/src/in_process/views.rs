//! What can be seen.

use super::book::Book;
use crate::{JobView, Outcome, StateEvent};
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
        queue_position: place
            .and_then(|place| u64::try_from(place).ok())
            .map(|place| place.saturating_add(1)),
    })
}

/// A cursor that is not ours reads from the beginning.
pub(super) fn events(book: &Book, after: Option<&str>, max: usize) -> Vec<StateEvent> {
    let after: u64 = after.and_then(|cursor| cursor.parse().ok()).unwrap_or(0);
    let later = |event: &&StateEvent| event.cursor.parse::<u64>().is_ok_and(|cursor| cursor > after);
    book.events.iter().filter(later).take(max).cloned().collect()
}
