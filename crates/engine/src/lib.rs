//! Hardened build containers on the Docker Engine API.
//!
//! For: running code that nobody trusts. An [`Engine`] opens a [`Sandbox`] (a volume, a network of its own, one
//! container), the caller fills it with source, runs commands in it, stops it, collects the output and removes it.
//!
//! Guarantees: no container exists that is not hardened (`spec` is the only way to one); no host path is ever given
//! to the engine; a build reaches the network through the egress proxy alone; output is read only after the container
//! has stopped; whatever a sandbox made is removed when it is dropped, and what could not be removed is named.
//!
//! What it is not: a judge of the output (the worker checks every entry), or a scheduler.

mod check;
mod client;
mod config;
mod egress;
mod engine;
mod environment;
mod error;
mod events;
mod exec;
mod guard;
mod image;
mod janitor;
mod labels;
mod lines;
mod network;
mod sandbox;
mod spec;

pub use config::{EngineConfig, NetworkPolicy};
pub use engine::Engine;
pub use error::EngineError;
pub use image::{DEFAULT_IMAGE, ImageId, Tool};
pub use janitor::{Cleaned, Live};
pub use labels::{CLAIM, CREATED, DEPLOYMENT, INSTALLATION, WORKER};
pub use lines::{LineSplitter, MAX_LINE_BYTES};
pub use sandbox::{
    BUILD_UID, Collected, Command, EntryKind, ExitClass, OutputLine, PROJECT_FOLDER, Refusals, RunEnd,
    Sandbox, SandboxRequest, Toolchain,
};
