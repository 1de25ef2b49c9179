//! The log of a job as its holder writes it: lines get their number here, are capped, and flow to the state in the
//! background. Writing never waits: a slow or absent Redis does not stall a build, it only lets the buffer grow, and
//! the cap bounds that.

use crate::Records;
use shipstack_service::Metric;
use shipstack_state::{Claim, State, StateError};
use shipstack_types::{Clock, LogLine, LogStream, Phase};
use std::collections::VecDeque;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;
use tokio::sync::Notify;
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;

/// Lines in one append; a script over more would hold Redis too long.
const BATCH_LINES: usize = 500;
/// The end of a log that is kept when the middle is dropped (contract §6).
const LONGEST_TAIL_BYTES: u64 = 4 * 1024 * 1024;
const RETRY_AFTER: Duration = Duration::from_millis(500);

/// The writing end of a job's log. Cheap to clone.
#[derive(Clone)]
pub struct JobLog {
    shared: Arc<Shared>,
}

struct Shared {
    buffer: Mutex<Buffer>,
    changed: Notify,
    clock: Arc<dyn Clock>,
    attempt: u32,
}

struct Buffer {
    /// Numbered lines that the state does not have yet.
    pending: VecDeque<LogLine>,
    /// Lines after the cap, without a number until it is known that they are the end.
    tail: VecDeque<LogLine>,
    tail_bytes: u64,
    tail_room: u64,
    dropped: u64,
    next_seq: u64,
    /// Bytes that may still be written before the cap.
    head_room: u64,
    phase: Phase,
    /// The cap was reached.
    full: bool,
    closed: bool,
}

impl JobLog {
    /// A log for this claim that keeps about `cap_bytes` of text, and the task that carries it to the state.
    /// The task ends when the log is closed and empty, and when the claim is lost.
    pub(crate) fn open(
        records: &Records,
        claim: &Claim,
        cap_bytes: u64,
        lost: CancellationToken,
    ) -> (Self, JoinHandle<()>) {
        let shared = Shared {
            buffer: Mutex::new(Buffer::new(claim.next_log_seq, cap_bytes)),
            changed: Notify::new(),
            clock: Arc::clone(&records.clock),
            attempt: claim.attempt,
        };
        let log = Self { shared: Arc::new(shared) };
        let task = tokio::spawn(log.clone().carry(records.state.clone(), claim.clone(), lost));
        (log, task)
    }

    /// Writes a line of ours.
    pub fn system(&self, text: impl Into<String>) {
        self.write(LogStream::System, text.into());
    }

    /// Writes one line of text; never waits.
    pub fn write(&self, stream: LogStream, text: String) {
        let line = self.line(stream, text);
        self.with_buffer(|buffer| buffer.push(line));
        self.shared.changed.notify_one();
    }

    fn line(&self, stream: LogStream, text: String) -> LogLine {
        let (at, attempt) = (self.shared.clock.now(), self.shared.attempt);
        LogLine { seq: 0, at, stream, phase: self.with_buffer(|buffer| buffer.phase), attempt, text }
    }

    /// The phase of the lines that follow.
    pub fn set_phase(&self, phase: Phase) {
        self.with_buffer(|buffer| buffer.phase = phase);
    }

    /// Says that nothing follows: the marker and the tail are appended. Await the task to know it is all stored.
    pub(crate) fn close(&self) {
        let marker = self.line(LogStream::System, String::new());
        self.with_buffer(|buffer| buffer.close(&marker));
        self.shared.changed.notify_one();
    }

    fn with_buffer<T>(&self, use_it: impl FnOnce(&mut Buffer) -> T) -> T {
        use_it(&mut self.shared.buffer.lock().unwrap_or_else(PoisonError::into_inner))
    }

    async fn carry(self, state: State, claim: Claim, lost: CancellationToken) {
        loop {
            let (batch, closed) = self.with_buffer(|buffer| (buffer.batch(), buffer.closed));
            if batch.is_empty() && closed {
                return;
            }
            let pause = if batch.is_empty() { None } else { self.append(&state, &claim, &batch).await };
            match pause {
                Some(Pause::Lost) => return,
                Some(Pause::Retry) => tokio::select! {
                    () = lost.cancelled() => return,
                    () = tokio::time::sleep(RETRY_AFTER) => {}
                },
                None if batch.is_empty() => tokio::select! {
                    () = lost.cancelled() => return,
                    () = self.shared.changed.notified() => {}
                },
                None => {}
            }
        }
    }

    async fn append(&self, state: &State, claim: &Claim, batch: &[LogLine]) -> Option<Pause> {
        match state.append_log(claim, batch).await {
            Ok(()) => {
                let count = u64::try_from(batch.len()).unwrap_or(u64::MAX);
                Metric::LogLines.add(count, &[claim.queue.as_str()]);
                self.with_buffer(|buffer| {
                    buffer.pending.drain(..batch.len().min(buffer.pending.len()));
                });
                None
            }
            Err(StateError::LeaseLost { .. }) => Some(Pause::Lost),
            Err(error) => {
                tracing::debug!(deployment.id = %claim.id, %error, "log lines wait for the state");
                Some(Pause::Retry)
            }
        }
    }
}

enum Pause {
    Retry,
    Lost,
}

impl Buffer {
    fn new(next_seq: u64, cap_bytes: u64) -> Self {
        let tail_room = LONGEST_TAIL_BYTES.min(cap_bytes / 4);
        Self {
            pending: VecDeque::new(),
            tail: VecDeque::new(),
            tail_bytes: 0,
            tail_room,
            dropped: 0,
            next_seq,
            head_room: cap_bytes - tail_room,
            phase: Phase::Queued,
            full: false,
            closed: false,
        }
    }

    fn batch(&self) -> Vec<LogLine> {
        self.pending.iter().take(BATCH_LINES).cloned().collect()
    }

    /// Gives a line its number: from here on it is part of the log.
    fn keep(&mut self, mut line: LogLine) {
        line.seq = self.next_seq;
        self.next_seq += 1;
        self.pending.push_back(line);
    }

    fn push(&mut self, line: LogLine) {
        let size = cost(&line);
        // System lines are few and ours: they come in order whatever the build printed.
        if line.stream == LogStream::System && !self.full {
            return self.keep(line);
        }
        if !self.full && size <= self.head_room {
            self.head_room -= size;
            return self.keep(line);
        }
        if !self.full {
            self.full = true;
            let text =
                "The log passed its limit: live lines stop here, the last ones follow at the end.".to_owned();
            self.keep(LogLine { stream: LogStream::System, text, ..line.clone() });
        }
        self.push_tail(line, size);
    }

    fn push_tail(&mut self, line: LogLine, size: u64) {
        self.tail_bytes += size;
        self.tail.push_back(line);
        while self.tail_bytes > self.tail_room {
            let Some(oldest) = self.tail.pop_front() else { break };
            self.tail_bytes -= cost(&oldest);
            self.dropped += 1;
        }
    }

    fn close(&mut self, marker: &LogLine) {
        if std::mem::replace(&mut self.closed, true) {
            return;
        }
        if self.dropped > 0 {
            let text = format!("{} lines were left out here.", self.dropped);
            self.keep(LogLine { text, ..marker.clone() });
        }
        for line in std::mem::take(&mut self.tail) {
            self.keep(line);
        }
    }
}

/// What a line counts against the cap: its text and about what its envelope takes.
fn cost(line: &LogLine) -> u64 {
    u64::try_from(line.text.len()).unwrap_or(u64::MAX).saturating_add(64)
}

#[cfg(test)]
mod tests {
    use super::*;
    use shipstack_types::Timestamp;

    fn line(number: usize) -> LogLine {
        let text = format!("{number:036}");
        let (at, phase) = (Timestamp::from_millis(0), Phase::Building);
        LogLine { seq: 0, at, stream: LogStream::Stdout, phase, attempt: 1, text }
    }

    #[test]
    fn a_log_over_its_cap_keeps_head_and_tail_and_counts_the_middle_without_a_gap() {
        // A line costs 100 bytes: 15 at the head, 5 at the tail.
        let mut buffer = Buffer::new(1, 2000);
        (0..100).for_each(|number| buffer.push(line(number)));
        assert_eq!(buffer.pending.len(), 16, "fifteen lines and the marker are live");
        buffer.close(&line(0));
        let numbers: Vec<u64> = buffer.pending.iter().map(|line| line.seq).collect();
        assert_eq!(numbers, (1..=22).collect::<Vec<_>>());
        let texts: Vec<&str> = buffer.pending.iter().map(|line| line.text.as_str()).collect();
        assert_eq!(texts[16], "80 lines were left out here.");
        assert!(texts[17].ends_with("95") && texts[21].ends_with("99"), "{texts:?}");
    }

    #[test]
    fn a_log_under_its_cap_is_whole() {
        let mut buffer = Buffer::new(7, 2000);
        (0..10).for_each(|number| buffer.push(line(number)));
        buffer.close(&line(0));
        assert_eq!(buffer.pending.len(), 10);
        assert_eq!(buffer.pending[0].seq, 7);
    }
}
