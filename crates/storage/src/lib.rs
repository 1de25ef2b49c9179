//! The object store behind one face: S3 for production, a folder for one machine, memory for tests.
//!
//! What it is for: every byte that must survive goes through [`Store`], under a key that only [`ObjectKey`] can
//! spell. What it guarantees, whichever backend is behind it: transient failures are retried within the caller's
//! [`Patience`]; every wait has an end; a body is never silently short; an object is whole or absent; a prefix is a
//! folder and never the beginning of a name (`abc` never finds `abcd`). What it is not: a cache, a file system, or
//! a place for conditional writes. Objects are written once, so nobody needs them.

mod backend;
mod body;
mod config;
mod error;
mod folder;
mod key;
mod memory;
mod object;
mod patience;
mod s3;
mod store;

pub use body::PutBody;
pub use config::{S3Config, S3Key, StoreConfig};
pub use error::StoreError;
pub use key::{KeyPrefix, ObjectKey};
pub use object::{DeploymentPage, ListPage, Listed, Object, ObjectBody};
pub use patience::Patience;
pub use store::Store;
