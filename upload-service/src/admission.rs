//! Whether there is room for one more deployment: in the queues, on the disk, in memory.
//!
//! Asked before anything of a request is stored, so that overload is refused and never absorbed. What cannot be measured
//! here is not held against anybody.

use crate::memory::free_memory;
use shipstack_http::Problem;
use shipstack_service::free_disk;
use shipstack_settings::{ByteSize, LimitSettings};
use shipstack_state::State;
use shipstack_types::{Code, QueueName};
use std::path::{Path, PathBuf};
use std::time::Duration;

/// When to come back: a build takes about as long, and whatever filled a disk seldom goes sooner.
const COME_BACK: Duration = Duration::from_secs(30);

/// What has to be left.
#[derive(Debug)]
pub(crate) struct Admission {
    max_queue: u64,
    min_free_disk: u64,
    min_free_memory: u64,
    folder: PathBuf,
}

impl Admission {
    /// As the settings have it, for this data folder.
    pub(crate) fn new(limits: &LimitSettings, folder: &Path) -> Self {
        Self {
            max_queue: limits.max_queue.get().into(),
            min_free_disk: limits.min_free_disk.get(),
            min_free_memory: limits.min_free_memory.get(),
            folder: folder.to_owned(),
        }
    }

    /// Refuses with 503 when one more is too many.
    pub(crate) async fn check(&self, state: &State) -> Result<(), Problem> {
        self.judge_room(free_disk(&self.folder), free_memory())?;
        for queue in [QueueName::Intake, QueueName::Build] {
            // Whether the state is there at all is somebody else's question.
            let waiting = state.queue_length(queue).await.unwrap_or(0);
            if waiting >= self.max_queue {
                let what = format!("{waiting} deployments wait already.");
                return Err(overloaded(what, "SHIPSTACK_MAX_QUEUE, or start more workers"));
            }
        }
        Ok(())
    }

    fn judge_room(&self, disk: Option<u64>, memory: Option<u64>) -> Result<(), Problem> {
        let short = |free: Option<u64>, least: u64| free.filter(|free| *free < least);
        if let Some(free) = short(disk, self.min_free_disk) {
            let what = format!(
                "The disk of the data folder is nearly full: {} are left.",
                ByteSize::bytes(free).in_mebibytes()
            );
            return Err(overloaded(what, "SHIPSTACK_MIN_FREE_DISK, or make room there"));
        }
        if let Some(free) = short(memory, self.min_free_memory) {
            let what =
                format!("The memory is nearly used up: {} are left.", ByteSize::bytes(free).in_mebibytes());
            return Err(overloaded(what, "SHIPSTACK_MIN_FREE_MEMORY, or give it more"));
        }
        Ok(())
    }
}

fn overloaded(what: String, setting: &str) -> Problem {
    let remedy = format!("Come back after the seconds in Retry-After; the operator can change {setting}.");
    Problem::new(Code::Overloaded).detail(what).remedy(remedy).retry_after(COME_BACK)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn admission() -> Admission {
        let folder = PathBuf::from(".");
        Admission { max_queue: 10, min_free_disk: 64 << 20, min_free_memory: 32 << 20, folder }
    }

    #[test]
    fn a_full_disk_and_a_full_memory_are_refused_and_what_nobody_measured_is_not() {
        let judged = |disk, memory| admission().judge_room(disk, memory).err();
        assert!(judged(Some(64 << 20), Some(32 << 20)).is_none());
        assert!(judged(None, None).is_none());
        let full = judged(Some((64 << 20) - 1), None).unwrap();
        assert_eq!((full.code(), full.status().as_u16()), (Code::Overloaded, 503));
        assert!(judged(None, Some(1)).is_some());
    }
}
