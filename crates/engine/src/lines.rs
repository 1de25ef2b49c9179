//! From the bytes of a build to lines of a log, each under a cap. Pure.
//!
//! Guarantees: memory is bounded by the cap whatever is printed; every cut is marked and counted; text is valid
//! UTF-8 without control characters other than tab, escape, backspace and carriage return (progress bars).

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
}
