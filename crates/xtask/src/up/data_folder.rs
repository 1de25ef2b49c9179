//! Whether the data folder is free, before minutes are spent on Docker and programs.
//!
//! Is not: the lock itself, which `shipstack up` takes when it starts.

use std::path::{Path, PathBuf};

use anyhow::{Result, ensure};

use crate::machine::Hold;

const SETTING: &str = "SHIPSTACK_DATA_DIR";

/// An error if another `shipstack up` has the folder that ours is going to use.
pub(super) fn ensure_free() -> Result<()> {
    let named = std::env::var_os(SETTING).filter(|value| !value.is_empty()).map(PathBuf::from);
    match named {
        Some(folder) => ensure_unheld(&folder),
        // What it says is shipstack's to read.
        None if std::fs::read_to_string(".env").is_ok_and(|text| text.contains(SETTING)) => Ok(()),
        None => ensure_unheld(Path::new("./.shipstack")),
    }
}

fn ensure_unheld(folder: &Path) -> Result<()> {
    let holder = Hold::holder(&folder.join("lock"));
    ensure!(
        holder.is_none(),
        "{} is in use by another `shipstack up` (process {}); stop it, or set {SETTING}",
        folder.display(),
        holder.unwrap_or_default()
    );
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_folder_that_another_one_has_is_refused_and_a_free_one_is_not_made() {
        let folder = tempfile::tempdir().unwrap();
        let absent = folder.path().join("absent");
        ensure_unheld(&absent).unwrap();
        assert!(!absent.exists());
        let held = Hold::take(&folder.path().join("lock")).unwrap();
        let error = ensure_unheld(folder.path()).unwrap_err().to_string();
        assert!(error.contains(&format!("process {}", std::process::id())), "{error}");
        drop(held);
        ensure_unheld(folder.path()).unwrap();
    }
}
