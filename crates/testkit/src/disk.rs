//! A small disk, to see what happens when it is full.

use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result, bail, ensure};
use rustix::fs::statvfs;
use tempfile::TempDir;

use crate::missing::or_skip;

/// Files and folders it holds, unless it is full of them.
const INODES: u64 = 100_000;
/// How the folder of one begins, and its entry in the table of mounts.
const NAME: &str = "shipstack-disk-";
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
        Self::mount_for(&Owner::of(std::process::id()).context("this process is nobody")?, bytes)
    }

    fn mount_for(owner: &Owner, bytes: u64) -> Result<Self> {
        let folder = tempfile::Builder::new().prefix(NAME).tempdir()?;
        let disk = Self { folder, bytes };
        let options = format!("size={bytes},nr_inodes={INODES}");
        run("mount", &["-t", "tmpfs", "-o", &options, &owner.entry(), &disk.name()])?;
        Ok(disk)
    }

    /// Unmounts and removes the disks of processes that were killed before they could; how many those were.
    pub fn sweep() -> Result<usize> {
        let mounts = std::fs::read_to_string("/proc/self/mounts")?;
        let mut swept = 0;
        for folder in mounts.lines().filter_map(of_a_dead_owner) {
            // Another process may sweep at the same time.
            let unmounted = run("umount", &["--lazy", &folder.display().to_string()]);
            swept += usize::from(unmounted.is_ok());
            let _gone = std::fs::remove_dir(&folder);
        }
        Ok(swept)
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

/// Whose a disk is. Process ids come again, so the time at which it began belongs to it.
#[derive(Debug, PartialEq, Eq)]
struct Owner {
    pid: u32,
    began: u64,
}

impl Owner {
    /// That process; none when it has ended.
    fn of(pid: u32) -> Option<Self> {
        let stat = std::fs::read_to_string(format!("/proc/{pid}/stat")).ok()?;
        // The program's name comes before, in parentheses and with anything in it.
        let (_, rest) = stat.rsplit_once(") ")?;
        let began = rest.split(' ').nth(19)?.parse().ok()?;
        // One that was killed and not reaped yet is dead.
        (!rest.starts_with('Z')).then_some(Self { pid, began })
    }

    fn entry(&self) -> String {
        format!("{NAME}{}-{}", self.pid, self.began)
    }

    fn parse(entry: &str) -> Option<Self> {
        let (pid, began) = entry.strip_prefix(NAME)?.split_once('-')?;
        Some(Self { pid: pid.parse().ok()?, began: began.parse().ok()? })
    }

    fn is_dead(&self) -> bool {
        Self::of(self.pid).as_ref() != Some(self)
    }
}

/// The folder of a line of the table of mounts, if it is a disk of ours that nobody has any more.
fn of_a_dead_owner(line: &str) -> Option<PathBuf> {
    let mut fields = line.split(' ');
    let (entry, folder, kind) = (fields.next()?, fields.next()?, fields.next()?);
    let folder = PathBuf::from(folder.replace("\\040", " "));
    let is_ours = kind == "tmpfs" && folder.file_name()?.to_str()?.starts_with(NAME);
    (is_ours && Owner::parse(entry)?.is_dead()).then_some(folder)
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
    #[test]
    fn the_disk_of_a_process_that_was_killed_is_swept_and_that_of_a_living_one_is_not() {
        let Some(own) = SmallDisk::mount(1 << 20) else { return };
        let mut owner = Command::new("sleep").arg("600").spawn().unwrap();
        let disk = SmallDisk::mount_for(&Owner::of(owner.id()).unwrap(), 1 << 20).unwrap();
        let folder = disk.path().to_owned();
        // As a process leaves it that is killed.
        std::mem::forget(disk);
        let is_mounted = |folder: &Path| {
            let mounts = std::fs::read_to_string("/proc/self/mounts").unwrap();
            mounts.contains(&format!(" {} tmpfs ", folder.display()))
        };
        SmallDisk::sweep().unwrap();
        assert!(is_mounted(&folder) && is_mounted(own.path()));
        owner.kill().unwrap();
        owner.wait().unwrap();
        SmallDisk::sweep().unwrap();
        assert!(!is_mounted(&folder) && !folder.exists());
        assert!(is_mounted(own.path()));
    }

    #[test]
    fn a_mount_that_is_not_ours_is_nobody_s() {
        let dead = "shipstack-disk-4294967295-1";
        assert!(of_a_dead_owner(&format!("{dead} /tmp/shipstack-disk-abc tmpfs rw 0 0")).is_some());
        for line in [
            format!("{dead} /tmp/other tmpfs rw 0 0"),
            format!("{dead} /tmp/shipstack-disk-abc ext4 rw 0 0"),
            "tmpfs /tmp/shipstack-disk-abc tmpfs rw 0 0".to_owned(),
            "shipstack-disk-x-1 /tmp/shipstack-disk-abc tmpfs rw 0 0".to_owned(),
            String::new(),
        ] {
            assert_eq!(of_a_dead_owner(&line), None, "{line}");
        }
    }
}
