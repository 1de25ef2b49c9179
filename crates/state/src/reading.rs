//! How what stands in Redis is read, without a Redis: whoever may write there may have written anything.
//!
//! **For**: property tests. The backend calls the same functions. **Guarantees**: pure and total; what is not of ours is
//! `None`, never a panic. **Is not**: a way to read the state; that is [`State`](crate::State).

use crate::redis::{event, reply};
use crate::{Claim, ClaimRequest, EventPage, JobView, Reaped, WorkerSeen};
use shipstack_types::QueueName;

/// A job from the fields that `view.lua` answers.
#[must_use]
pub fn job(fields: &[String]) -> Option<JobView> {
    reply::job(fields)
}

/// A claim from the fields that `claim.lua` answers.
#[must_use]
pub fn claim(fields: &[String], queue: QueueName, request: &ClaimRequest) -> Option<Claim> {
    reply::claim(fields, queue, request)
}

/// A reaped job from the fields that `reap.lua` answers.
#[must_use]
pub fn reaped(fields: &[String]) -> Option<Reaped> {
    reply::reaped(fields)
}

/// A worker from its entry in the hash of workers.
#[must_use]
pub fn worker_seen(details: &[u8]) -> Option<WorkerSeen> {
    reply::worker_seen(details)
}

/// A page of events that begins at this cursor, from the entries of the stream (id, and field and value in turn) and
/// the length of the stream; `None` when the cursor is not there.
#[must_use]
pub fn events(after: &str, entries: Vec<(String, Vec<String>)>, length: usize) -> Option<EventPage> {
    event::page(after, entries, length)
}

/// Whether this is a cursor that Redis would take.
#[must_use]
pub fn is_cursor(text: &str) -> bool {
    event::is_cursor(text)
}
