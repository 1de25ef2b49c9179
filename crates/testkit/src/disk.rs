//! A small disk, to see what happens when it is full.

use std::path::Path;
use std::process::Command;

use anyhow::{Context, Result, ensure};
use tempfile::TempDir;

use crate::missing::or_skip;

/// A tmpfs of a few bytes; unmounted and removed when dropped. Mounting needs root.
#[derive(Debug)]
pub struct SmallDisk {
    folder: TempDir,
}

impl SmallDisk {
    /// A disk that holds `bytes` (rounded up to pages); `None` after a skip.
    pub fn mount(bytes: u64) -> Option<Self> {
        or_skip("a small disk", Self::try_mount(bytes))
    }

    /// Where it is.
    pub fn path(&self) -> &Path {
        self.folder.path()
    }

    /// Changes how much it holds, to see that things heal.
    pub fn resize(&self, bytes: u64) -> Result<()> {
        run("mount", &["-o", &format!("remount,size={bytes}"), &self.name()])
    }

    fn try_mount(bytes: u64) -> Result<Self> {
        let disk = Self { folder: tempfile::Builder::new().prefix("shipstack-disk-").tempdir()? };
        run("mount", &["-t", "tmpfs", "-o", &format!("size={bytes}"), "shipstack-test", &disk.name()])?;
        Ok(disk)
    }

    fn name(&self) -> String {
        self.folder.path().display().to_string()
    }
}

impl Drop for SmallDisk {
    fn drop(&mut self) {
        // Lazily, so that a file still open elsewhere does not keep the mount. If it was never mounted, it fails.
        let _unmounted = run("umount", &["--lazy", &self.name()]);
    }
}

fn run(program: &str, arguments: &[&str]) -> Result<()> {
    let output =
        Command::new(program).args(arguments).output().with_context(|| format!("{program} is missing"))?;
    ensure!(output.status.success(), "{program}: {}", String::from_utf8_lossy(&output.stderr).trim());
    Ok(())
}
