//! The dashboard: its checks, and its build, which upload-service embeds.
//!
//! Needs Node. Without it the dashboard is left out, and said so: the program then has a page that says how to build it.

use std::path::Path;
use std::time::SystemTime;

use anyhow::{Context as _, Result};

use crate::cargo::root;
use crate::console::say;
use crate::process;

/// What a check runs, after `npm ci`.
const CHECKS: [&str; 5] = ["lint", "typecheck", "test", "build", "size"];
/// What the export is made from.
const SOURCES: [&str; 4] = ["src", "public", "package-lock.json", "next.config.ts"];

/// Lint, types, unit tests, build, size of the first load. Comes before whatever embeds the export.
pub(crate) async fn check() -> Result<()> {
    if !node_is_there().await {
        return Ok(());
    }
    npm(&["ci", "--no-audit", "--no-fund"]).await?;
    for script in CHECKS {
        npm(&["run", "--silent", script]).await?;
    }
    Ok(())
}

/// Builds the export where it is missing or older than what it is made from.
pub(crate) async fn ensure_built() -> Result<()> {
    if !node_is_there().await || is_fresh() {
        return Ok(());
    }
    npm(&["ci", "--no-audit", "--no-fund"]).await?;
    npm(&["run", "--silent", "build"]).await
}

async fn node_is_there() -> bool {
    let there = process::output(&mut process::command("npm", &["--version"])).await.is_ok();
    if !there {
        say("npm is not there: the dashboard is left out");
    }
    there
}

async fn npm(arguments: &[&str]) -> Result<()> {
    process::run(&mut npm_command(arguments)).await
}

/// npm in the dashboard's folder.
pub(crate) fn npm_command(arguments: &[&str]) -> tokio::process::Command {
    let mut command = process::command("npm", arguments);
    command.current_dir(root().join("frontend")).env("NEXT_TELEMETRY_DISABLED", "1");
    command
}

fn is_fresh() -> bool {
    let folder = root().join("frontend");
    let Ok(built) = modified(&folder.join("out/index.html")) else { return false };
    SOURCES.iter().all(|source| newest(&folder.join(source)).is_ok_and(|changed| changed <= built))
}

fn modified(path: &Path) -> Result<SystemTime> {
    path.metadata().and_then(|data| data.modified()).with_context(|| path.display().to_string())
}

/// When the youngest file at or below a path was changed.
fn newest(path: &Path) -> Result<SystemTime> {
    let mut youngest = modified(path)?;
    if path.is_dir() {
        for entry in path.read_dir()? {
            youngest = youngest.max(newest(&entry?.path())?);
        }
    }
    Ok(youngest)
}
