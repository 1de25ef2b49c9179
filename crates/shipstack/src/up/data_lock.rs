//! One all-in-one per data folder.

use std::fs::{self, File, TryLockError};
use std::io::Write as _;
use std::path::Path;

use anyhow::{Context as _, bail};

/// Holds the data folder until it is dropped or the process ends, however it ends: the lock is the kernel's, the file
/// only carries it (and names the holder).
#[derive(Debug)]
pub(super) struct DataLock {
    _file: File,
}

impl DataLock {
    pub(super) fn take(folder: &Path) -> anyhow::Result<Self> {
        let shown = folder.display();
        fs::create_dir_all(folder).with_context(|| format!("SHIPSTACK_DATA_DIR: cannot make {shown}"))?;
        let path = folder.join("lock");
        let open = File::options().create(true).truncate(false).read(true).write(true).open(&path);
        let mut file = open.with_context(|| format!("SHIPSTACK_DATA_DIR: cannot write in {shown}"))?;
        match file.try_lock() {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => {
                let holder = fs::read_to_string(&path).unwrap_or_default();
                bail!(
                    "{shown} is in use by another `shipstack up` (process {}); stop it, or set SHIPSTACK_DATA_DIR",
                    holder.trim()
                );
            }
            Err(TryLockError::Error(why)) => return Err(why).with_context(|| format!("cannot lock {shown}")),
        }
        file.set_len(0)?;
        writeln!(file, "{}", std::process::id())?;
        Ok(Self { _file: file })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_folder_is_held_by_one_at_a_time_and_its_holder_is_named() {
        let folder = tempfile::tempdir().unwrap();
        let held = DataLock::take(folder.path()).unwrap();
        let error = DataLock::take(folder.path()).unwrap_err().to_string();
        assert!(error.contains(&std::process::id().to_string()), "{error}");
        drop(held);
        DataLock::take(folder.path()).unwrap();
    }
}
