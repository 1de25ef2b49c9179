//! deploy-worker: claims jobs under a lease, builds them in hardened containers, publishes.
//!
//! Guarantees: project code runs in a sandbox only; nothing is visible before the whole site is stored; a job is never
//! lost, whatever dies. Follow one deployment through [`build_job`](self): source → plan → sandbox → output → manifest.
//! What it is not: a place that decides what to build (`shipstack-plan`) or how a container is made (`shipstack-engine`).

mod build_job;
mod command_failure;
mod config;
mod egress_told;
mod egress_words;
mod engine_watch;
mod fitness;
mod halt;
mod health;
mod loose;
mod open_source;
mod output;
mod presence;
mod publish;
mod room;
mod sandboxed;
mod service;

pub use config::{Config, Standalone};
pub use output::outline;
pub use service::Service;
