//! The property tester of the API, from pip into a virtual environment in the cache folder.

use std::path::{Path, PathBuf};

use anyhow::Result;

use super::cache_folder;
use crate::console::say;
use crate::process;

/// A newer one checks more, and would fail a run of an unchanged tree.
const VERSION: &str = "schemathesis==4.32.5";

/// The `schemathesis` program, installed if it is not there.
pub(crate) async fn ensure_schemathesis() -> Result<PathBuf> {
    let environment = cache_folder()?.join("schemathesis");
    let program = environment.join("bin/schemathesis");
    if !program.is_file() {
        install(&environment).await?;
    }
    Ok(program)
}

async fn install(environment: &Path) -> Result<()> {
    say("installing schemathesis into the cache folder");
    let folder = environment.to_string_lossy();
    process::run(&mut process::command("python3", &["-m", "venv", "--clear", &folder])).await?;
    let pip = environment.join("bin/pip");
    process::run(&mut process::command(&pip.to_string_lossy(), &["install", "--quiet", VERSION])).await
}
