//! A file that one process at a time holds. The lock is the kernel's, so it goes however its holder ends.

use std::fs::{self, File, TryLockError};
use std::io::Write as _;
use std::path::Path;

use anyhow::{Context as _, Result};

/// Held until dropped.
#[derive(Debug)]
pub(crate) struct Hold {
    _file: File,
}

impl Hold {
    /// Takes it and writes this process into it; `None` while another one has it.
    pub(crate) fn take(path: &Path) -> Result<Option<Self>> {
        let shown = path.display();
        let open = File::options().create(true).truncate(false).write(true).open(path);
        let mut file = open.with_context(|| format!("cannot write {shown}"))?;
        match file.try_lock() {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => return Ok(None),
            Err(TryLockError::Error(why)) => return Err(why).with_context(|| format!("cannot lock {shown}")),
        }
        file.set_len(0)?;
        writeln!(file, "{}", std::process::id())?;
        Ok(Some(Self { _file: file }))
    }

    /// The process that has it; nothing is made, written or kept. A file that cannot be read is held by no one.
    pub(crate) fn holder(path: &Path) -> Option<String> {
        let file = File::open(path).ok()?;
        let held = matches!(file.try_lock_shared(), Err(TryLockError::WouldBlock));
        held.then(|| fs::read_to_string(path).unwrap_or_default().trim().to_owned())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_is_held_by_one_at_a_time_and_its_holder_is_named() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("lock");
        assert_eq!(Hold::holder(&path), None);
        let held = Hold::take(&path).unwrap().unwrap();
        assert!(Hold::take(&path).unwrap().is_none());
        assert_eq!(Hold::holder(&path), Some(std::process::id().to_string()));
        drop(held);
        assert_eq!(Hold::holder(&path), None);
        assert!(Hold::take(&path).unwrap().is_some());
    }
}
