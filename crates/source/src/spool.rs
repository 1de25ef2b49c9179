//! Temporary files: one folder a process, emptied when the process is gone.
//!
//! A process that dies without a word leaves its folder; the next one that opens the same spool finds its lock free and
//! removes it. So nothing is left behind for longer than the next start. What it is not: a place that survives anything.

use rustix::fs::{FlockOperation, flock};
use std::fs::File;
use std::io;
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use tempfile::{NamedTempFile, TempDir};

const LOCK: &str = ".lock";
const OWNED: &str = "spool-";

/// A process's own temporary folder. Clones share it; the last one removes it.
#[derive(Clone, Debug)]
pub struct Spool {
    folder: Arc<Held>,
}

#[derive(Debug)]
struct Held {
    path: PathBuf,
    /// Locked as long as this process lives.
    _lock: File,
}

impl Drop for Held {
    fn drop(&mut self) {
        // What cannot be removed now is removed by the next start.
        let _ = std::fs::remove_dir_all(&self.path);
    }
}

impl Spool {
    /// Makes a folder of this process's own under `base` (made if missing) and removes those of dead processes.
    /// Blocking, and only at start.
    pub fn open(base: &Path) -> io::Result<Self> {
        std::fs::create_dir_all(base)?;
        // Until this process's own folder is locked nobody else looks: what has no lock belongs to the dead.
        let starting = File::open(base)?;
        flock(&starting, FlockOperation::LockExclusive)?;
        sweep(base)?;
        let folder = TempDir::with_prefix_in(OWNED, base)?;
        let lock = File::create(folder.path().join(LOCK))?;
        flock(&lock, FlockOperation::NonBlockingLockExclusive)?;
        Ok(Self { folder: Arc::new(Held { path: folder.keep(), _lock: lock }) })
    }

    /// An unlinked file: it is gone with its last handle, whatever happens.
    pub(crate) fn unlinked(&self) -> io::Result<File> {
        tempfile::tempfile_in(self.path())
    }

    /// A file with a name, removed when dropped. We open it, since tempfile's own error hides the system's.
    pub(crate) fn named(&self) -> io::Result<NamedTempFile> {
        let open =
            |path: &Path| File::options().read(true).write(true).create_new(true).mode(0o600).open(path);
        tempfile::Builder::new().make_in(self.path(), open)
    }

    /// A folder, removed when dropped.
    pub(crate) fn subfolder(&self) -> io::Result<TempDir> {
        TempDir::new_in(self.path())
    }

    /// Where it is.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.folder.path
    }
}

/// Removes the folders whose processes are gone.
fn sweep(base: &Path) -> io::Result<()> {
    for entry in std::fs::read_dir(base)? {
        let path = entry?.path();
        let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
        if name.starts_with(OWNED) && is_abandoned(&path) {
            let _ = std::fs::remove_dir_all(&path);
        }
    }
    Ok(())
}

/// Without a lock its process died while it made the folder or removed it.
fn is_abandoned(folder: &Path) -> bool {
    match File::open(folder.join(LOCK)) {
        Ok(lock) => flock(&lock, FlockOperation::NonBlockingLockExclusive).is_ok(),
        Err(error) => error.kind() == io::ErrorKind::NotFound,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_folder_of_a_dead_process_goes_and_that_of_a_living_one_stays() {
        let base = TempDir::new().unwrap();
        let living = Spool::open(base.path()).unwrap();
        let dead = base.path().join("spool-dead");
        std::fs::create_dir(&dead).unwrap();
        File::create(dead.join(LOCK)).unwrap();
        let half_made = base.path().join("spool-half");
        std::fs::create_dir(&half_made).unwrap();
        let second = Spool::open(base.path()).unwrap();
        assert!(!dead.exists() && !half_made.exists());
        assert!(living.path().exists() && second.path().exists());
        let path = living.path().to_owned();
        drop(living);
        assert!(!path.exists());
    }
}
