//! Whether the tests left anything in the temporary folder: they get one of their own.

use std::path::Path;

use anyhow::{Context as _, Result, ensure};
use tempfile::TempDir;

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
        let entries = std::fs::read_dir(self.path())?.map(|entry| Ok(entry?.file_name()));
        let left = entries.collect::<std::io::Result<Vec<_>>>()?;
        ensure!(left.is_empty(), "left in the temporary folder: {left:?}");
        Ok(())
    }
}
