//! The dashboard: files that were embedded when this was built, served at `/`.
//!
//! Guarantees: only embedded files are ever answered, no path reaches the disk; every page has a content security policy
//! that admits its own inline scripts by their hash and nothing else, and may be framed by nobody; what has a hash in its
//! name is kept for ever by browsers, a page is asked for again each time. What it is not: it knows no data; everything
//! that a page shows it gets over the API, as anyone else does.

mod answer;
mod asset;
mod export;
mod policy;

pub(crate) use answer::{is_open, serve};
