//! Life of a service process: start, background loops, telemetry, shutdown.
//!
//! **For**: what every service does the same way. It says when to stop ([`Shutdown`]), keeps its parts alive together
//! ([`Supervisor`]), repeats its housekeeping ([`every`]), beats its heart where nothing can starve it ([`OwnThread`])
//! and logs ([`telemetry`]).
//! **Guarantees**: a part that ends ends the process in order, and its name is told; the first signal lets work finish,
//! the second does not.
//! **Is not**: aware of what any service does.

mod every;
pub mod failpoint;
mod identity;
mod own_thread;
mod ready;
mod shutdown;
mod supervisor;
pub mod telemetry;

pub use every::{Pace, every};
pub use identity::{new_worker_id, random};
pub use own_thread::OwnThread;
pub use ready::say_ready;
pub use shutdown::Shutdown;
pub use supervisor::{BoxError, Supervisor, SupervisorError};
pub use tokio_util::sync::CancellationToken;
