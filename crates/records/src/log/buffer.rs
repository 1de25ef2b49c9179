//! The lines of one claim on their way to the state: numbered, capped, and kept until nobody can ask for them again.
//!
//! Guarantees: numbers follow each other without a gap, whatever the state loses; at most about the cap of text waits or
//! is remembered for each attempt.

use shipstack_types::{LogLine, LogStream, Phase};
use std::collections::VecDeque;

/// Lines in one append; a script over more would hold Redis too long.
const BATCH_LINES: usize = 500;
/// The end of a log that is kept when the middle is dropped (contract §6).
const LONGEST_TAIL_BYTES: u64 = 4 * 1024 * 1024;

pub(super) struct Buffer {
    /// The log that the state has, from line 1 on when it is known. A Redis that is emptied loses what readers have
    /// seen, and nobody else has it.
    said: Vec<LogLine>,
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
    pub(super) phase: Phase,
    /// The cap was reached.
    full: bool,
    pub(super) closed: bool,
}

impl Buffer {
    /// A log whose next line has this number and that keeps about `cap_bytes` of text.
    pub(super) fn new(next_seq: u64, cap_bytes: u64) -> Self {
        let tail_room = LONGEST_TAIL_BYTES.min(cap_bytes / 4);
        Self {
            said: Vec::new(),
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

    /// Goes on behind lines of earlier claims. Those that the state lost are said again before anything else.
    pub(super) fn go_on_behind(&mut self, earlier: Vec<LogLine>) {
        let Some(last) = earlier.last() else { return };
        let next = self.next_seq.max(last.seq.saturating_add(1));
        let (kept, missing): (Vec<_>, Vec<_>) =
            earlier.into_iter().partition(|line| line.seq < self.next_seq);
        (self.said, self.pending, self.next_seq) = (kept, missing.into(), next);
    }

    /// Remembers what earlier claims said, which the state still has.
    pub(super) fn recall(&mut self, earlier: Vec<LogLine>) {
        self.said.splice(..0, earlier);
    }

    /// The number of the first line that is not remembered; `None` when all are, from 1 on.
    pub(super) fn unknown_before(&self) -> Option<u64> {
        let first = self.said.first().or(self.pending.front()).map_or(self.next_seq, |line| line.seq);
        (first > 1).then_some(first)
    }

    /// The whole log as far as it has a number; nothing when its beginning is not known.
    pub(super) fn whole(&self) -> Vec<LogLine> {
        if self.unknown_before().is_some() {
            return Vec::new();
        }
        self.said.iter().chain(&self.pending).cloned().collect()
    }

    /// The state has the first so many of the lines that wait.
    pub(super) fn took(&mut self, count: usize) {
        self.said.extend(self.pending.drain(..count.min(self.pending.len())));
    }

    /// The state has lost lines from this one on: they are sent again. Whether they are known.
    pub(super) fn send_again_from(&mut self, missing: u64) -> bool {
        let kept = self.said.partition_point(|line| line.seq < missing);
        for line in self.said.drain(kept..).rev() {
            self.pending.push_front(line);
        }
        self.pending.front().is_some_and(|first| first.seq <= missing)
    }

    /// The lines to send next.
    pub(super) fn batch(&self) -> Vec<LogLine> {
        self.pending.iter().take(BATCH_LINES).cloned().collect()
    }

    /// Gives a line its number: from here on it is part of the log.
    fn keep(&mut self, mut line: LogLine) {
        line.seq = self.next_seq;
        self.next_seq += 1;
        self.pending.push_back(line);
    }

    /// Takes a line; over the cap it may only become part of the end.
    pub(super) fn push(&mut self, line: LogLine) {
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

    /// Nothing follows: the end gets its numbers.
    pub(super) fn close(&mut self, marker: &LogLine) {
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

    fn numbers<'a>(lines: impl IntoIterator<Item = &'a LogLine>) -> Vec<u64> {
        lines.into_iter().map(|line| line.seq).collect()
    }

    fn earlier(last: u64) -> Vec<LogLine> {
        (1..=last).map(|seq| LogLine { seq, ..line(0) }).collect()
    }

    #[test]
    fn a_log_goes_on_behind_what_an_emptied_state_lost() {
        let mut buffer = Buffer::new(1, 2000);
        buffer.go_on_behind(earlier(3));
        buffer.push(line(4));
        assert_eq!(numbers(&buffer.pending), [1, 2, 3, 4], "said again, then what is new");
        let mut half = Buffer::new(3, 2000);
        half.go_on_behind(earlier(4));
        half.push(line(5));
        assert_eq!(numbers(&half.pending), [3, 4, 5], "the state has two of them");
        assert_eq!(numbers(&half.whole()), [1, 2, 3, 4, 5]);
    }

    #[test]
    fn lines_that_the_state_lost_are_sent_again() {
        let mut buffer = Buffer::new(1, 2000);
        (0..5).for_each(|number| buffer.push(line(number)));
        buffer.took(4);
        assert!(buffer.send_again_from(3));
        assert_eq!(numbers(&buffer.pending), [3, 4, 5]);
        assert_eq!(numbers(&buffer.whole()), [1, 2, 3, 4, 5]);
    }

    #[test]
    fn a_log_without_its_beginning_is_never_handed_on() {
        let mut buffer = Buffer::new(3, 2000);
        buffer.push(line(3));
        assert_eq!(buffer.unknown_before(), Some(3));
        assert_eq!(buffer.whole(), []);
        assert!(!buffer.send_again_from(2), "it never knew that line");
        buffer.recall(earlier(2));
        assert_eq!(numbers(&buffer.whole()), [1, 2, 3]);
    }
}
