//! The property tester of the API, from pip into a virtual environment in the cache folder.

use std::path::PathBuf;

use anyhow::Result;

use super::python::ensure_program;

/// A newer one checks more, and would fail a run of an unchanged tree.
const VERSION: &str = "schemathesis==4.32.5";

/// The `schemathesis` program, installed if it is not there.
pub(crate) async fn ensure_schemathesis() -> Result<PathBuf> {
    ensure_program("schemathesis", VERSION, "schemathesis").await
}
