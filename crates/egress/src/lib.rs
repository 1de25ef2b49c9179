//! The egress proxy: the only way from a build container to the network.
//!
//! It speaks CONNECT and plain HTTP, resolves names itself, refuses every address that is not public *after*
//! resolution (so rebinding, odd spellings and metadata services do not get through), connects only to what it has
//! just checked, and keeps a receipt per build, told apart by the local address a connection came in on. It is steered over
//! standard input and output ([`wire`]) and ends when its input does, so it never outlives its worker.
//!
//! What it is not: a cache, a TLS terminator, or a judge of content.

mod book;
mod control;
mod head;
mod ledger;
mod lock;
mod policy;
mod proxy;
mod refusal;
mod resolve;
mod tunnel;
pub mod wire;

pub use book::Tell;
pub use control::{run_control, write_answer};
pub use head::{MAX_HEAD_BYTES, Request, parse_head, read_head};
pub use ledger::Ledger;
pub use policy::Policy;
pub use proxy::{Proxy, Timing};
pub use refusal::Refusal;
pub use resolve::{Resolve, SystemResolver};
