//! Queue, leases, index and live logs behind one face: Redis or in-process (reliability.md §2).
//!
//! [`State`] is all that others see. It guarantees: an accepted job is never lost by a lost reply, a job has one
//! holder at a time and one outcome for ever, `status` follows the truth in the same step, and every call may be
//! repeated. What it is not: the record. Whatever must survive a lost Redis is in the object store, and the
//! reindex (`shipstack-records`) brings it back through [`State::restore`].

mod answers;
mod backend;
mod claim;
mod config;
mod error;
mod face;
mod housekeeping;
mod in_process;
mod index;
mod line;
mod nets;
pub mod reading;
mod redis;
#[cfg(test)]
mod tests;
mod view;
mod wake;

pub use answers::{CancelAnswer, Decider, Decision, HandBack, HandedBack, Heartbeat, Outcome, Settled};
pub use claim::{Claim, ClaimRequest};
pub use config::{QueueTake, RedisConfig, StateConfig, Timing};
pub use error::StateError;
pub use face::{EventWatch, JobWatch, State};
pub use housekeeping::{Amiss, Audit, Reaped, Repair, Restored, RestoredJob, Verdict};
pub use index::{IndexEntry, IndexQuery, IndexRun, Reservation, Reserved};
pub use shipstack_types::QueueName;
pub use view::{
    Change, DeadLetter, EventPage, JobView, LogPage, StateEvent, Warning, WorkerPresence, WorkerSeen,
};
