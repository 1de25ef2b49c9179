//! Whether a reader takes what it is sent quickly enough: arithmetic on moments, without a clock of its own.

use std::time::{Duration, Instant};

/// What a reader has to take while it keeps us waiting.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct MinimumRate {
    /// So many bytes
    pub bytes: u64,
    /// in so much time of waiting.
    pub within: Duration,
}

impl MinimumRate {
    /// 1 KiB a second, over 30 s. The slowest line that anybody still uses (EDGE at the rim of its cell) has several times
    /// that, and half a minute is a tunnel; who takes less holds a connection, and a read of the store, for nothing.
    pub const OF_A_VISITOR: Self = Self { bytes: 30 * 1024, within: Duration::from_secs(30) };
}

/// How one reader keeps to it. Only time counts in which bytes wait for the reader: neither a slow store nor a connection
/// between two requests is held against it.
#[derive(Debug)]
pub(crate) struct Pace {
    rate: MinimumRate,
    /// Taken since the window began.
    taken: u64,
    /// Waited in this window, but for the wait that goes on.
    waited: Duration,
    waits_since: Option<Instant>,
}

impl Pace {
    pub(crate) fn new(rate: MinimumRate) -> Self {
        Self { rate, taken: 0, waited: Duration::ZERO, waits_since: None }
    }

    /// The reader took something. The clock is asked only after a wait, so that a reader who keeps up costs an addition.
    pub(crate) fn took(&mut self, bytes: usize, now: impl FnOnce() -> Instant) {
        self.taken = self.taken.saturating_add(u64::try_from(bytes).unwrap_or(u64::MAX));
        if let Some(since) = self.waits_since.take() {
            self.waited += now().saturating_duration_since(since);
        }
    }

    /// Bytes wait for the reader: until when they may. The same moment for as long as it takes nothing.
    pub(crate) fn judged_at(&mut self, now: Instant) -> Instant {
        if self.waits_since.is_none() && self.waited.is_zero() {
            // What went out before anything had to wait is no merit that could be lived on later.
            self.taken = 0;
        }
        let since = *self.waits_since.get_or_insert(now);
        since + self.rate.within.saturating_sub(self.waited)
    }

    /// That moment has come: whether the reader was too slow. If not, the next window begins.
    pub(crate) fn was_too_slow(&mut self, now: Instant) -> bool {
        if self.taken < self.rate.bytes {
            return true;
        }
        *self = Self { waits_since: Some(now), ..Self::new(self.rate) };
        false
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SECOND: Duration = Duration::from_secs(1);

    /// After how many seconds a reader is given up that takes `bytes` in one go, whenever it kept us waiting for `every`;
    /// `None` when it is still there after an hour.
    fn given_up(bytes: usize, every: Duration) -> Option<u64> {
        let begin = Instant::now();
        let mut pace = Pace::new(MinimumRate::OF_A_VISITOR);
        pace.took(100 << 20, || unreachable!("nothing has waited yet"));
        let mut now = begin;
        while now - begin < Duration::from_hours(1) {
            let taken_at = now + every;
            loop {
                let judged = pace.judged_at(now);
                if judged > taken_at {
                    break;
                }
                now = judged;
                if pace.was_too_slow(now) {
                    return Some((now - begin).as_secs());
                }
            }
            now = taken_at;
            pace.took(bytes, || now);
        }
        None
    }

    #[test]
    fn a_reader_below_the_minimum_is_given_up_although_it_goes_on_taking() {
        assert_eq!(given_up(1, SECOND), Some(30));
        assert_eq!(given_up(1000, SECOND), Some(30));
        assert_eq!(given_up(10 * 1024, 29 * SECOND), Some(30));
        assert_eq!(given_up(1 << 30, 31 * SECOND), Some(30), "nothing at all for 30 s");
    }

    #[test]
    fn a_reader_at_the_minimum_stays_in_whatever_gulps_it_takes() {
        assert_eq!(given_up(1024 + 64, SECOND), None);
        assert_eq!(given_up(128, SECOND / 10), None);
        assert_eq!(given_up(64 * 1024, 29 * SECOND), None);
    }

    #[test]
    fn time_in_which_nothing_waits_for_the_reader_does_not_count() {
        let (begin, mut pace) = (Instant::now(), Pace::new(MinimumRate::OF_A_VISITOR));
        let mut now = begin;
        // A store that hands over little in an hour: the reader takes each piece after a second.
        for _ in 0..29 {
            assert!(pace.judged_at(now) > now + SECOND);
            pace.took(1, || now + SECOND);
            now += Duration::from_hours(1);
        }
        assert_eq!(pace.judged_at(now), now + SECOND, "of the 30 s one is left");
    }
}
