//! A small disk, to see what happens when it is full.

use std::path::Path;
use std::process::Command;

use anyhow::{Context, Result, bail, ensure};
use rustix::fs::statvfs;
use tempfile::TempDir;

use crate::missing::or_skip;

/// Files and folders it holds, unless it is full of them.
const INODES: u64 = 100_000;
/// Who writes meanwhile can make an attempt to fill it fail.
const ATTEMPTS: usize = 20;

/// A tmpfs of its own size; unmounted and removed when dropped. Mounting needs root.
#[derive(Debug)]
pub struct SmallDisk {
    folder: TempDir,
    bytes: u64,
}

impl SmallDisk {
    /// A disk that holds `bytes` (rounded up to pages); `None` after a skip.
    pub fn mount(bytes: u64) -> Option<Self> {
        or_skip("a small disk", Self::try_mount(bytes))
    }

    /// A disk that holds `bytes`, or why not. It takes memory only for what is written to it.
    pub fn try_mount(bytes: u64) -> Result<Self> {
        let folder = tempfile::Builder::new().prefix("shipstack-disk-").tempdir()?;
        let disk = Self { folder, bytes };
        let options = format!("size={bytes},nr_inodes={INODES}");
        run("mount", &["-t", "tmpfs", "-o", &options, "shipstack-test", &disk.name()])?;
        Ok(disk)
    }

    /// Where it is.
    pub fn path(&self) -> &Path {
        self.folder.path()
    }

    /// Changes how much it holds, to see that things heal.
    pub fn resize(&self, bytes: u64) -> Result<()> {
        self.remount(&format!("size={bytes}"))
    }

    /// Leaves no room for another page; what is on it stays.
    pub fn fill(&self) -> Result<()> {
        // Nought would mean that there is no limit, here and below.
        self.until_full("size", |disk| (disk.f_blocks - disk.f_bfree).max(1) * disk.f_frsize)
    }

    /// Leaves no room for another file or folder; those that are there can still grow.
    pub fn fill_inodes(&self) -> Result<()> {
        self.until_full("nr_inodes", |disk| (disk.f_files - disk.f_ffree).max(1))
    }

    /// As much room as in the beginning.
    pub fn release(&self) -> Result<()> {
        self.remount(&format!("size={},nr_inodes={INODES}", self.bytes))
    }

    fn until_full(&self, option: &str, used: impl Fn(&rustix::fs::StatVfs) -> u64) -> Result<()> {
        let mut outcome = Ok(());
        for _ in 0..ATTEMPTS {
            // Refused when more is used by then.
            outcome = self.remount(&format!("{option}={}", used(&statvfs(self.path())?)));
            if outcome.is_ok() {
                return Ok(());
            }
        }
        let Err(error) = outcome else { bail!("never tried") };
        Err(error)
    }

    fn remount(&self, options: &str) -> Result<()> {
        run("mount", &["-o", &format!("remount,{options}"), &self.name()])
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_full_disk_refuses_what_comes_next_and_takes_it_when_there_is_room_again() {
        let Some(disk) = SmallDisk::mount(8 << 20) else { return };
        let write = |name: &str, bytes: usize| std::fs::write(disk.path().join(name), vec![1; bytes]);
        write("one", 100).unwrap();
        disk.fill().unwrap();
        assert!(write("two", 5000).is_err());
        disk.release().unwrap();
        write("two", 5000).unwrap();
        disk.fill_inodes().unwrap();
        assert!(write("three", 1).is_err());
        write("two", 9000).unwrap();
        disk.release().unwrap();
        write("three", 1).unwrap();
    }
}
