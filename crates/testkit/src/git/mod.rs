//! A Git server over HTTP on loopback: real `git http-backend` for honest repositories, and a set of ways to be
//! hostile for the others.

mod misbehave;
mod pack;
mod repository;
mod serve;

pub use misbehave::Misbehaviour;
pub use pack::{ObjectKind, Pack, object_id};
pub use repository::{RepoFile, Repository};
pub use serve::GitServer;
