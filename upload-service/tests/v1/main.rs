//! The v1 API over HTTP: what it answers, to whom, and how often.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, clippy::panic, reason = "tests")]

mod callers;
mod ending;
mod files;
mod listing;
mod real_redis;
mod repeating;
mod server;
mod superseding;
#[path = "../support/mod.rs"]
mod support;
mod waiting;
mod worker;
