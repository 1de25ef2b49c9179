//! Room on disks, as everything that refuses or waits when one is nearly full measures it.

use std::path::Path;

/// Bytes that this process can still write to the disk of `folder`; `None` where nobody says, for example because there is
/// no such folder.
#[must_use]
pub fn free_disk(folder: &Path) -> Option<u64> {
    let disk = rustix::fs::statvfs(folder).ok()?;
    Some(disk.f_bavail.saturating_mul(disk.f_frsize))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_folder_has_room_and_one_that_is_not_there_is_not_measured() {
        assert!(free_disk(Path::new(".")).is_some());
        assert_eq!(free_disk(Path::new("/nowhere/at/all")), None);
    }
}
