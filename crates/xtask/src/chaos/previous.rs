//! The programs of another version, that run together with these and are replaced by them.

use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context as _, Result};
use tempfile::TempDir;

use super::fleet::Kind;
use crate::cargo::{cargo, program, root};
use crate::console::say;
use crate::process;

/// Without what only the other programs of the workspace have.
const FEATURES: &str = "deploy-worker/failpoints,upload-service/failpoints";

/// The folder with the programs of a revision, built if they were not built before.
pub(super) async fn programs(revision: &str) -> Result<PathBuf> {
    let commit = format!("{revision}^{{commit}}");
    let mut git = process::command("git", &["rev-parse", "--verify", "--end-of-options", &commit]);
    let commit = process::output(git.current_dir(root())).await?;
    let target = program("from")?.join(commit.trim());
    let programs = target.join("debug");
    if Kind::ALL.iter().all(|kind| programs.join(kind.program()).is_file()) {
        return Ok(programs);
    }
    say(&format!("building the programs of {revision}"));
    build(commit.trim(), &target).await.with_context(|| format!("{revision} cannot be built"))?;
    Ok(programs)
}

async fn build(commit: &str, target: &Path) -> Result<()> {
    let checkout = Checkout::of(commit)?;
    let mut arguments = vec!["build", "--bins", "--locked", "--quiet", "--features", FEATURES];
    arguments.extend(Kind::ALL.iter().flat_map(|kind| ["-p", kind.program()]));
    let mut command = cargo(&arguments);
    process::run(command.current_dir(checkout.path()).env("CARGO_TARGET_DIR", target)).await
}

/// A revision in a folder of its own; gone when dropped.
struct Checkout(TempDir);

impl Checkout {
    fn of(commit: &str) -> Result<Self> {
        let checkout = Self(tempfile::Builder::new().prefix("shipstack-from-").tempdir()?);
        let path = checkout.path();
        let made = git().args(["worktree", "add", "--detach", "--quiet"]).arg(&path).arg(commit).status()?;
        anyhow::ensure!(made.success(), "git cannot check {commit} out");
        Ok(checkout)
    }

    fn path(&self) -> PathBuf {
        self.0.path().join("source")
    }
}

impl Drop for Checkout {
    fn drop(&mut self) {
        // If it was never made, git says so.
        let _removed = git().args(["worktree", "remove", "--force"]).arg(self.path()).output();
    }
}

fn git() -> Command {
    let mut git = Command::new("git");
    git.current_dir(root());
    git
}
