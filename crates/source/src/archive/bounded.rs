//! Readers that stop: too many bytes, too high a ratio, too long a time. The reason travels as the error's inner error.

use crate::Refusal;
use shipstack_types::ArchiveLimits;
use std::cell::Cell;
use std::io::{self, Read};
use std::rc::Rc;
use std::time::{Duration, Instant};

/// Bytes that may come out before the ratio is looked at.
const RATIO_FREE_BYTES: u64 = 1024 * 1024;

/// Counts what goes in, for the ratio.
pub(crate) struct Counted<R> {
    input: R,
    count: Rc<Cell<u64>>,
}

impl<R> Counted<R> {
    pub(crate) fn new(input: R) -> (Self, Rc<Cell<u64>>) {
        let count = Rc::new(Cell::new(0));
        (Self { input, count: Rc::clone(&count) }, count)
    }
}

impl<R: Read> Read for Counted<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let read = self.input.read(buffer)?;
        self.count.set(self.count.get().saturating_add(as_u64(read)));
        Ok(read)
    }
}

/// Holds what a decompressor gives to the limits.
pub(crate) struct Bounded<R> {
    input: R,
    taken: Rc<Cell<u64>>,
    given: u64,
    total: u64,
    ratio: u64,
    time: WorkTime,
}

/// The limits that hold for decompressed bytes.
pub(crate) struct Bounds {
    /// Decompressed bytes in all, headers included.
    pub(crate) total: u64,
    pub(crate) ratio: u64,
    pub(crate) time: WorkTime,
}

impl<R> Bounded<R> {
    pub(crate) fn new(input: R, taken: Rc<Cell<u64>>, bounds: Bounds) -> Self {
        let Bounds { total, ratio, time } = bounds;
        Self { input, taken, given: 0, total, ratio, time }
    }

    fn check(&self) -> Result<(), Refusal> {
        if self.given > self.total {
            return Err(Refusal::limit(
                format!("an archive has at most {} bytes inside", self.total),
                b"archive",
            ));
        }
        let allowed = self.taken.get().saturating_mul(self.ratio).saturating_add(RATIO_FREE_BYTES);
        if self.given > allowed {
            let limit = format!("an archive grows at most {} times when it is unpacked", self.ratio);
            return Err(Refusal::limit(limit, b"archive"));
        }
        self.time.check()
    }
}

impl<R: Read> Read for Bounded<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let read = self.input.read(buffer)?;
        self.given = self.given.saturating_add(as_u64(read));
        self.check().map_err(io::Error::other)?;
        Ok(read)
    }
}

/// Time spent working, without the time spent waiting for the client.
#[derive(Clone)]
pub(crate) struct WorkTime {
    started: Instant,
    waited: Rc<Cell<Duration>>,
    deadline: Duration,
}

impl WorkTime {
    pub(crate) fn start(limits: &ArchiveLimits) -> Self {
        Self { started: Instant::now(), waited: Rc::default(), deadline: limits.deadline }
    }

    /// Runs a wait that does not count.
    pub(crate) fn waiting<T>(&self, wait: impl FnOnce() -> T) -> T {
        let began = Instant::now();
        let value = wait();
        self.waited.set(self.waited.get().saturating_add(began.elapsed()));
        value
    }

    pub(crate) fn check(&self) -> Result<(), Refusal> {
        if self.started.elapsed().saturating_sub(self.waited.get()) <= self.deadline {
            return Ok(());
        }
        let limit = format!("reading an archive takes at most {} s", self.deadline.as_secs());
        Err(Refusal::limit(limit, b"archive"))
    }
}

fn as_u64(count: usize) -> u64 {
    u64::try_from(count).unwrap_or(u64::MAX)
}
