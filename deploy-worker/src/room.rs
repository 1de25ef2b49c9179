//! Whether the disks that a build writes to have room: that of the worker's temporary files and, where it is in sight, the
//! engine's. A build that begins on a full disk only fails.

use crate::fitness::Ailment;
use shipstack_service::free_disk;
use shipstack_settings::ByteSize;
use shipstack_types::Code;
use std::path::PathBuf;

/// The disks of a worker and what has to be left on each.
#[derive(Debug)]
pub(crate) struct Room {
    pub(crate) least: ByteSize,
    /// Where the worker's temporary files are.
    pub(crate) spool: PathBuf,
    /// Where the engine keeps everything; `None` while nobody knows, or when it is another machine.
    pub(crate) engine: Option<PathBuf>,
}

impl Room {
    /// The disk that is nearly full, if one is. What cannot be measured from here is not held against it.
    pub(crate) fn look(&self) -> Option<Ailment> {
        let spool = ("the data folder", Some(self.spool.as_path()));
        let disks = [spool, ("the Docker engine", self.engine.as_deref())];
        disks.into_iter().find_map(|(whose, folder)| self.judge(whose, free_disk(folder?)?))
    }

    fn judge(&self, whose: &str, free: u64) -> Option<Ailment> {
        let (free, least) = (ByteSize::bytes(free), self.least);
        (free < least).then(|| Ailment {
            code: Code::DiskFull,
            what: format!(
                "the disk of {whose} is nearly full: {} of at least {least} are left",
                free.in_mebibytes()
            ),
            remedy: "Make room there, or change SHIPSTACK_MIN_FREE_DISK; it goes on by itself.".to_owned(),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn room(least: u64) -> Room {
        Room { least: ByteSize::bytes(least), spool: PathBuf::from("."), engine: None }
    }

    #[test]
    fn a_disk_below_the_least_is_named_and_one_that_nobody_can_measure_is_not() {
        assert_eq!(room(0).look(), None);
        let full = room(u64::MAX).look().unwrap();
        assert_eq!(full.code, Code::DiskFull);
        assert!(full.what.contains("the data folder"), "{full:?}");
        let elsewhere = Room { spool: PathBuf::from("/nowhere/at/all"), ..room(u64::MAX) };
        assert_eq!(elsewhere.look(), None);
        let engine = Room { engine: Some(PathBuf::from(".")), ..elsewhere };
        assert!(engine.look().unwrap().what.contains("the Docker engine"));
    }
}
