//! The clock that a process stamps its records, claims and lines with: the machine's.
//!
//! Only with the feature `failpoints`, which no released binary has, can a test move it: `SHIPSTACK_CHAOS_CLOCK` names
//! a file with the seconds that this process's clock is off by, and it is read at every look, so that a clock can jump
//! under a process that runs. Is not: what leases go by, which is Redis's own time, nor what time-outs and heartbeats go
//! by, which only ever moves forward.

use std::sync::Arc;

use shipstack_types::Clock;

/// The clock of this process.
#[cfg(not(feature = "failpoints"))]
pub fn clock() -> Arc<dyn Clock> {
    Arc::new(shipstack_types::SystemClock)
}

/// The clock of this process, off by what a test says.
#[cfg(feature = "failpoints")]
pub fn clock() -> Arc<dyn Clock> {
    moved::of(std::env::var_os("SHIPSTACK_CHAOS_CLOCK").map(Into::into))
}

#[cfg(feature = "failpoints")]
mod moved {
    use std::path::PathBuf;
    use std::sync::Arc;
    use std::time::Duration;

    use shipstack_types::{Clock, SystemClock, Timestamp};

    pub(super) fn of(file: Option<PathBuf>) -> Arc<dyn Clock> {
        file.map_or_else(|| Arc::new(SystemClock) as Arc<dyn Clock>, |file| Arc::new(Moved(file)))
    }

    /// Off by the seconds in a file; right when there is none.
    #[derive(Debug)]
    struct Moved(PathBuf);

    impl Clock for Moved {
        fn now(&self) -> Timestamp {
            let text = std::fs::read_to_string(&self.0).unwrap_or_default();
            let seconds: i64 = text.trim().parse().unwrap_or(0);
            let off = Duration::from_secs(seconds.unsigned_abs());
            let now = SystemClock.now();
            if seconds > 0 {
                return now.plus(off);
            }
            Timestamp::from_millis(
                now.since(Timestamp::from_millis(0).plus(off)).as_millis().try_into().unwrap_or(0),
            )
        }
    }

    #[cfg(test)]
    mod tests {
        use super::*;

        #[test]
        fn a_clock_is_off_by_what_its_file_says_at_every_look() {
            let file = tempfile::NamedTempFile::new().unwrap();
            let clock = of(Some(file.path().to_owned()));
            let off = |said: &str| {
                std::fs::write(file.path(), said).unwrap();
                i128::from(clock.now().as_millis()) - i128::from(SystemClock.now().as_millis())
            };
            let about = |off: i128, seconds: i128| (off - seconds * 1000).abs() < 1000;
            assert!(about(off(""), 0));
            assert!(about(off("3600"), 3600));
            assert!(about(off("-3600"), -3600));
            assert!(about(off("nonsense"), 0));
        }
    }
}
