//! The build queue as an estimate needs it; `redis/line.lua` reads the same.

use super::book::Book;
use super::take::held_in;
use crate::line::{BuildLine, REMEMBERED, Running, WINDOW};
use shipstack_types::job::{Decider, Job, Standing};
use shipstack_types::{DeploymentId, DeploymentState, QueueName, Timestamp};
use std::collections::HashMap;
use std::time::Duration;

pub(super) fn build_line(book: &mut Book, id: &DeploymentId) -> Option<BuildLine> {
    let window: Vec<DeploymentId> = book.queue(QueueName::Build).iter().take(WINDOW).cloned().collect();
    let place = window.iter().position(|other| other == id)?;
    let mut numbers = HashMap::new();
    let mut number = |id: &DeploymentId| {
        let group = book.entries.get(id).map(|entry| entry.group.as_str()).unwrap_or_default();
        let next = numbers.len();
        *numbers.entry(group).or_insert(next)
    };
    let waiting = window.iter().map(&mut number).collect();
    let held = held_in(book, QueueName::Build);
    let running =
        held.map(|(id, hold)| Running { group: number(id), span: book.now().since(hold.since) }).collect();
    Some(BuildLine { waiting, place, running, lasted: book.lasted.iter().copied().collect() })
}

/// How long this change says that a build held its slot: one that its holder brought to an end of its own.
pub(super) fn lasted(before: Option<&Job>, after: &Job, now: Timestamp) -> Option<Duration> {
    let (before, Standing::Settling { verdict, .. }) = (before?, &after.standing) else { return None };
    let Standing::Held(hold) = &before.standing else { return None };
    let counts = before.queue == QueueName::Build
        && verdict.state != DeploymentState::Cancelled
        && matches!(verdict.by, Decider::Holder(_));
    counts.then(|| now.since(hold.since))
}

/// Keeps it among the last ones.
pub(super) fn note_lasted(book: &mut Book, span: Duration) {
    book.lasted.push_front(span);
    book.lasted.truncate(REMEMBERED);
}
