//! The schemas of Kubernetes, from pip into a virtual environment in the cache folder.

use std::path::PathBuf;

use anyhow::{Context as _, Result};

use super::python::ensure_program;

/// A newer one knows newer versions of Kubernetes, and would check an unchanged tree against them.
const VERSION: &str = "kubernetes-validate==1.37.0";

/// A Python that has them, installed if it is not there.
pub(crate) async fn ensure_kubernetes_validate() -> Result<PathBuf> {
    let program = ensure_program("kubernetes-validate", VERSION, "kubernetes-validate").await?;
    Ok(program.parent().context("a program in no folder")?.join("python"))
}
