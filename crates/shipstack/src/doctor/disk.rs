//! Room on the disk of the data folder: snapshots and artifacts pass through it, and without a bucket they stay.

use std::path::Path;

use shipstack_http::Check;
use shipstack_service::free_disk;

/// Below this a single source of the largest size that is taken by default does not fit twice.
const ENOUGH: u64 = 1024 * MEBIBYTE;
/// Below this nothing of use does.
const TOO_LITTLE: u64 = 64 * MEBIBYTE;
const MEBIBYTE: u64 = 1024 * 1024;
const REMEDY: &str = "Make room there, or set SHIPSTACK_DATA_DIR to a folder on a larger disk.";

/// `None` where the system does not say.
pub(super) fn room(folder: &Path) -> Option<Check> {
    free_disk(folder).map(judge)
}

fn judge(free: u64) -> Check {
    let detail = format!("{} MiB are free", free / MEBIBYTE);
    match free {
        ..TOO_LITTLE => Check::broken("disk", detail, REMEDY),
        TOO_LITTLE..ENOUGH => Check::advice("disk", detail, REMEDY),
        ENOUGH.. => Check::ok("disk", detail),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_disk_is_told_of_before_it_is_full() {
        assert!(judge(ENOUGH).remedy.is_none());
        let (nearly, full) = (judge(ENOUGH - 1), judge(TOO_LITTLE - 1));
        assert_eq!((nearly.ok, nearly.remedy.as_deref()), (true, Some(REMEDY)));
        assert_eq!((full.ok, full.remedy.as_deref()), (false, Some(REMEDY)));
    }
}
