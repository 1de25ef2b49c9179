//! Whether the tests left anything in the temporary folder: they get one of their own.

use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result, ensure};
use tempfile::TempDir;

/// How many of what was left are named: enough to know whose they are.
const NAMED: usize = 20;

/// The tests' `TMPDIR`; removed with everything in it when dropped, even after a Ctrl-C.
pub(crate) struct Scratch(TempDir);

impl Scratch {
    pub(crate) fn new() -> Result<Self> {
        let made = tempfile::Builder::new().prefix("shipstack-test-").tempdir();
        Ok(Self(made.context("no temporary folder")?))
    }

    pub(crate) fn path(&self) -> &Path {
        self.0.path()
    }

    /// An error that names what is there.
    pub(crate) fn ensure_empty(&self) -> Result<()> {
        let left = tree(self.path())?;
        let some: Vec<_> = left.iter().take(NAMED).collect();
        ensure!(left.is_empty(), "{} left in the temporary folder: {some:?}", left.len());
        Ok(())
    }
}

/// Everything below a folder.
fn tree(folder: &Path) -> std::io::Result<Vec<PathBuf>> {
    let mut found = Vec::new();
    for entry in std::fs::read_dir(folder)? {
        let entry = entry?;
        let below = if entry.file_type()?.is_dir() { tree(&entry.path())? } else { Vec::new() };
        found.push(entry.path());
        found.extend(below);
    }
    Ok(found)
}
