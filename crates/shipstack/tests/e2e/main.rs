//! The whole path on the real parts, in both shapes: three services on Redis, S3 and Docker, and the all-in-one on
//! Docker alone. Seen from outside, over HTTP and with public tools.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, clippy::panic, reason = "tests")]

mod fixture;
mod hostile;
mod leftovers;
mod platform;
mod redis_cli;

mod real_docker;
