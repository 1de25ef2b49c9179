//! Disks of the harness's own, so that they can be full: of Redis, of the store, of each process that keeps files.
//! They are memory, take only what is written to them, and are gone when dropped.

use anyhow::Result;
use shipstack_testkit::SmallDisk;

use crate::console::say;

/// Far more than a run writes: it is full when the harness says so.
const BYTES: u64 = 8 << 30;

/// All of them.
#[derive(Debug)]
pub(super) struct Disks {
    pub(super) redis: SmallDisk,
    pub(super) store: SmallDisk,
    /// One for each process, in their order.
    pub(super) fleet: Vec<SmallDisk>,
}

impl Disks {
    /// Mounts them, for so many processes; an error where mounting is not allowed. Those of runs that were killed go.
    pub(super) fn mount(processes: usize) -> Result<Self> {
        let swept = SmallDisk::sweep()?;
        if swept > 0 {
            say(&format!("unmounted {swept} disks of runs that were killed"));
        }
        let fleet = (0..processes).map(|_| SmallDisk::try_mount(BYTES)).collect::<Result<_>>()?;
        Ok(Self { redis: SmallDisk::try_mount(BYTES)?, store: SmallDisk::try_mount(BYTES)?, fleet })
    }

    /// There is room again on each.
    pub(super) fn release(&self) {
        for disk in self.fleet.iter().chain([&self.redis, &self.store]) {
            let _told_by_the_judge = disk.release();
        }
    }
}
