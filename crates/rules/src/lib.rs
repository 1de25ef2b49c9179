//! Decides what to serve: from a request and the files of a deployment, without I/O (serving.md).
//!
//! **For**: request-service, which carries an [`Answer`] out; deploy-worker, which asks for content types at publish.
//! **Guarantees**: pure, total and bounded: every request has exactly one answer, none panics; a path is decoded once and refused
//! rather than repaired; every file and every `Location` is built from a name of the manifest, never from what the visitor sent.
//! **Is not**: a server. It knows neither sockets nor stores.

mod answer;
mod cache;
mod conditional;
mod content_type;
mod fallback;
mod files;
mod find;
mod headers;
mod host;
mod path;
mod printable;
mod route;

pub use answer::{Answer, Request, Site, answer};
pub use cache::NO_STORE;
pub use conditional::Conditions;
pub use content_type::content_type;
pub use fallback::Intent;
pub use files::{File, Files, Listing};
pub use find::{Found, find};
pub use headers::{FileStatus, Headers, Indexing, METHODS};
pub use host::Host;
pub use path::{MAX_PATH_BYTES, PathRefusal, SitePath};
pub use route::{QueryRouting, Route, route};
