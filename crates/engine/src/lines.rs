//! From the bytes of a build to lines of a log, under caps. Pure.
//!
//! Guarantees: memory is bounded by the caps whatever is printed; every cut is marked and counted; text is valid
//! UTF-8 without control characters other than tab, escape, backspace and carriage return (progress bars).

use std::collections::VecDeque;

/// Longest line kept, in bytes; the rest of the line is counted and dropped.
pub const MAX_LINE_BYTES: usize = 64 * 1024;

/// Splits one stream of bytes into lines.
#[derive(Debug, Default)]
pub struct LineSplitter {
    kept: Vec<u8>,
    dropped: usize,
}

impl LineSplitter {
    /// Takes bytes as they come and gives each line that they complete to `line`.
    pub fn push(&mut self, bytes: &[u8], mut line: impl FnMut(String)) {
        let mut parts = bytes.split(|byte| *byte == b'\n').peekable();
        while let Some(part) = parts.next() {
            self.keep(part);
            if parts.peek().is_some() {
                line(self.take());
            }
        }
    }

    /// The last line, when it had no end.
    pub fn finish(mut self) -> Option<String> {
        let open = !self.kept.is_empty() || self.dropped > 0;
        open.then(|| self.take())
    }

    fn keep(&mut self, part: &[u8]) {
        let room = MAX_LINE_BYTES.saturating_sub(self.kept.len());
        let (kept, dropped) = part.split_at(room.min(part.len()));
        self.kept.extend_from_slice(kept);
        self.dropped += dropped.len();
    }

    fn take(&mut self) -> String {
        let mut bytes = std::mem::take(&mut self.kept);
        let dropped = std::mem::take(&mut self.dropped);
        if bytes.last() == Some(&b'\r') && dropped == 0 {
            bytes.pop();
        }
        let text = clean(&bytes);
        if dropped == 0 { text } else { format!("{text} … [{dropped} bytes of this line cut]") }
    }
}

fn clean(bytes: &[u8]) -> String {
    let harmless = |c: char| !c.is_control() || matches!(c, '\t' | '\u{1b}' | '\u{8}' | '\r');
    String::from_utf8_lossy(bytes)
        .chars()
        .map(|c| if harmless(c) { c } else { char::REPLACEMENT_CHARACTER })
        .collect()
}

/// Part of the cap that is kept for the end of a log, where the error stands: 4 MiB, or a quarter of a small cap.
const TAIL_BYTES: u64 = 4 * 1024 * 1024;

/// Keeps the head and the tail of a log under a cap; the middle is counted. `L` is whatever a line is to the caller.
#[derive(Debug)]
pub struct CappedLog<L> {
    head_left: u64,
    tail_cap: u64,
    tail: VecDeque<(L, u64)>,
    tail_bytes: u64,
    over: bool,
    dropped_lines: u64,
    dropped_bytes: u64,
}

/// What becomes of a line.
#[derive(Debug, PartialEq, Eq)]
#[must_use]
pub enum Kept<L> {
    /// It is logged now.
    Now(L),
    /// It is the first over the cap: a marker is logged now, the line may come at the end.
    FirstHeld,
    /// It may come at the end.
    Held,
}

impl<L> CappedLog<L> {
    /// A log of at most `cap_bytes`, head and tail together.
    #[must_use]
    pub fn new(cap_bytes: u64) -> Self {
        let tail_cap = TAIL_BYTES.min(cap_bytes / 4);
        Self {
            head_left: cap_bytes - tail_cap,
            tail_cap,
            tail: VecDeque::new(),
            tail_bytes: 0,
            over: false,
            dropped_lines: 0,
            dropped_bytes: 0,
        }
    }

    /// Takes a line of `bytes` bytes.
    pub fn push(&mut self, line: L, bytes: u64) -> Kept<L> {
        if !self.over && bytes <= self.head_left {
            self.head_left -= bytes;
            return Kept::Now(line);
        }
        self.tail.push_back((line, bytes));
        self.tail_bytes += bytes;
        while self.tail_bytes > self.tail_cap {
            self.drop_oldest();
        }
        if std::mem::replace(&mut self.over, true) { Kept::Held } else { Kept::FirstHeld }
    }

    fn drop_oldest(&mut self) {
        let Some((_, bytes)) = self.tail.pop_front() else { return };
        self.tail_bytes -= bytes;
        self.dropped_lines += 1;
        self.dropped_bytes += bytes;
    }

    /// The end: lines and bytes that were dropped from the middle, then the tail in order.
    pub fn finish(self) -> (u64, u64, impl Iterator<Item = L>) {
        (self.dropped_lines, self.dropped_bytes, self.tail.into_iter().map(|(line, _)| line))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn split(chunks: &[&[u8]]) -> Vec<String> {
        let mut splitter = LineSplitter::default();
        let mut lines = Vec::new();
        for chunk in chunks {
            splitter.push(chunk, |line| lines.push(line));
        }
        lines.extend(splitter.finish());
        lines
    }

    #[test]
    fn frames_are_not_lines() {
        assert_eq!(split(&[b"a", b"b\nc", b"\r\n\n", b"d"]), ["ab", "c", "", "d"]);
        assert_eq!(split(&["ü".as_bytes().split_at(1).0, "ü\n".as_bytes().split_at(1).1]), ["ü"]);
        assert!(split(&[b""]).is_empty());
    }

    #[test]
    fn an_endless_line_is_cut_and_the_cut_is_counted() {
        let long = vec![b'x'; 1 << 20];
        let lines = split(&[&long, &long, b"\nnext\n"]);
        assert_eq!(lines.len(), 2);
        assert!(lines[0].ends_with(&format!("… [{} bytes of this line cut]", (2 << 20) - MAX_LINE_BYTES)));
        assert!(lines[0].len() < MAX_LINE_BYTES + 64);
        assert_eq!(lines[1], "next");
    }

    #[test]
    fn control_characters_and_broken_text_cannot_reach_a_terminal() {
        assert_eq!(
            split(&[b"a\0b\x07\xff\x1b[31mred\tx\r10%\n"]),
            ["a\u{fffd}b\u{fffd}\u{fffd}\u{1b}[31mred\tx\r10%"]
        );
    }

    #[test]
    fn head_and_tail_are_kept_and_the_middle_is_counted() {
        let mut log = CappedLog::new(100);
        let mut now = Vec::new();
        let mut markers = 0;
        for number in 0..50 {
            match log.push(number, 10) {
                Kept::Now(line) => now.push(line),
                Kept::FirstHeld => markers += 1,
                Kept::Held => {}
            }
        }
        assert_eq!(now, (0..7).collect::<Vec<_>>());
        assert_eq!(markers, 1);
        let (lines, bytes, tail) = log.finish();
        assert_eq!((lines, bytes), (41, 410));
        assert_eq!(tail.collect::<Vec<_>>(), [48, 49]);
    }

    #[test]
    fn a_log_under_its_cap_is_whole() {
        let mut log = CappedLog::new(100);
        assert_eq!(log.push("a", 75), Kept::Now("a"));
        let (lines, bytes, mut tail) = log.finish();
        assert_eq!((lines, bytes, tail.next()), (0, 0, None));
    }
}
