//! Real servers and helpers for tests; never linked into a product.
//!
//! What it is for: a test asks for a Redis, an S3, a Git server or a proxy that misbehaves, and gets one of its
//! own, on a free port or in its own folder. What it guarantees: nothing it starts outlives the test process, not
//! even one that is killed (`process`). What it is not: a mock of anything. The servers are the real programs, and
//! the proxies stand in front of them.
//!
//! A server whose program is missing is a counted skip on a laptop and a failure in CI (`missing`): `start`
//! answers `None` after printing the skip, and panics under `SHIPSTACK_TEST_REQUIRE=1`.

pub mod archive;
mod collector;
mod disk;
mod docker;
mod folder;
pub mod git;
mod http_faults;
mod image_name;
mod missing;
mod port;
mod process;
mod redis;
mod s3;
mod tcp_faults;
mod wait;
mod wire;

pub use collector::Collector;
pub use disk::SmallDisk;
pub use docker::DockerEngine;
pub use folder::ServiceFolder;
pub use git::GitServer;
pub use http_faults::{HttpFault, HttpFaultProxy};
pub use image_name::ImageName;
pub use missing::{required, skip};
pub use port::{free_port, free_port_pair};
pub use process::Leashed;
pub use redis::{Listen, RedisOptions, RedisServer};
pub use s3::{Bucket, Fetched, SeaweedFs};
pub use tcp_faults::{FaultProxy, Stream, Upstream};
pub use wait::{wait_until, wait_until_blocking, wait_until_within};
