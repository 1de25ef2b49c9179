//! Life of a service process: start, background loops, telemetry, shutdown.
//!
//! **For**: what every service does the same way. It says when to stop ([`Shutdown`]), keeps its parts alive together
//! ([`Supervisor`]), repeats its housekeeping ([`every`]), beats its heart where nothing can starve it ([`OwnThread`])
//! logs and exports traces ([`telemetry`]) and counts ([`metrics`]).
//! **Guarantees**: a part that ends ends the process in order, and its name is told; the first signal lets work finish,
//! the second does not.
//! **Is not**: aware of what any service does.

mod causes;
mod clock;
mod disk;
mod every;
pub mod failpoint;
mod identity;
mod json_lines;
pub mod metrics;
#[cfg(feature = "otlp")]
mod otlp;
mod own_thread;
mod ready;
mod shutdown;
mod supervisor;
pub mod telemetry;
mod trace;

pub use causes::causes;
pub use clock::clock;
pub use disk::free_disk;
pub use every::{Pace, every};
pub use identity::{new_worker_id, random};
pub use metrics::{Counted, Metric};
pub use own_thread::OwnThread;
pub use ready::say_ready;
pub use shutdown::Shutdown;
pub use supervisor::{BoxError, Supervisor, SupervisorError};
pub use tokio_util::sync::CancellationToken;
pub use trace::{DeploymentTrace, TRACE_TARGET, claim_span, request_span};
