//! upload-service: accepts deployments, fetches their source, answers status and logs.
//!
//! Guarantees: an id that a client has seen is recorded and queued; every refusal is a code of the table with a remedy;
//! what a client sends is capped before it is read and never unpacked here. What it is not: it never touches Docker and
//! never waits for a build.

mod admission;
mod app;
mod classic;
mod config;
mod dashboard;
mod deployments;
mod events;
mod git_source;
mod health;
mod housekeeping;
mod id;
mod idempotency;
mod intake;
mod loose_layout;
mod memory;
mod openapi;
mod prefer;
mod problems;
mod routes;
mod server;
mod server_info;
mod service;
mod session;
mod streams;
mod trace;

pub use config::Config;
pub use service::Service;
