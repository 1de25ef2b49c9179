//! What git and the server print, as lines for the log and as evidence for the classification.

use crate::refusal::shown;
use std::collections::VecDeque;
use std::io::{self, BufRead};
use tokio::sync::mpsc;

/// A line is cut here; the log's own limit is larger.
const MAX_LINE_CHARS: usize = 1000;
/// A server may not fill the log; the last lines are kept for the classification in any case.
const MAX_LINES: usize = 500;
/// git says what went wrong in its last words.
const KEPT_LINES: usize = 40;

/// Reads git's standard error to its end. Lines that a carriage return overwrites (progress) are passed over. Gives
/// the last lines back, without those of the server: what it says is shown but proves nothing.
pub(crate) fn follow(stderr: impl BufRead, log: &mpsc::Sender<String>) -> io::Result<Vec<String>> {
    let mut kept = VecDeque::new();
    let mut shown_lines = 0;
    for_each_line(stderr, |line| {
        let line = escape(line);
        if line.is_empty() {
            return;
        }
        shown_lines += 1;
        if shown_lines <= MAX_LINES {
            // A reader that went away changes nothing: the fetch goes on or is killed by its owner.
            let _ = log.blocking_send(line.clone());
        }
        if !line.starts_with("remote:") {
            if kept.len() == KEPT_LINES {
                kept.pop_front();
            }
            kept.push_back(line);
        }
    })?;
    Ok(kept.into())
}

/// The bytes of each line that ends in a line feed, or that is the last; cut when long, however long it is.
fn for_each_line(mut input: impl BufRead, mut line: impl FnMut(&[u8])) -> io::Result<()> {
    let mut current = Vec::new();
    loop {
        let chunk = input.fill_buf()?;
        if chunk.is_empty() {
            line(&current);
            return Ok(());
        }
        for byte in chunk {
            match byte {
                b'\n' => {
                    line(&current);
                    current.clear();
                }
                b'\r' => current.clear(),
                _ if current.len() < 4 * MAX_LINE_CHARS => current.push(*byte),
                _ => {}
            }
        }
        let read = chunk.len();
        input.consume(read);
    }
}

fn escape(line: &[u8]) -> String {
    let text = String::from_utf8_lossy(line);
    text.trim_end().chars().take(MAX_LINE_CHARS).map(shown).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn progress_is_one_line_and_nothing_reaches_a_terminal() {
        let (log, mut lines) = mpsc::channel(16);
        let said = b"Receiving: 1%\rReceiving: 100%, done.\nremote: \x1b]0;x\x07 not found\n\nfatal: last";
        let kept = follow(&said[..], &log).unwrap();
        drop(log);
        let shown: Vec<String> = std::iter::from_fn(|| lines.blocking_recv()).collect();
        assert_eq!(shown, ["Receiving: 100%, done.", "remote: \\u{1b}]0;x\\u{7} not found", "fatal: last"]);
        assert_eq!(kept, ["Receiving: 100%, done.", "fatal: last"]);
    }

    #[test]
    fn an_endless_line_and_endless_lines_are_cut() {
        let (log, mut lines) = mpsc::channel(2 * MAX_LINES);
        let mut said = vec![b'a'; 1 << 20];
        said.extend("\nx".repeat(10_000).bytes());
        let kept = follow(&said[..], &log).unwrap();
        drop(log);
        assert_eq!(lines.blocking_recv().unwrap().len(), MAX_LINE_CHARS);
        assert_eq!(std::iter::from_fn(|| lines.blocking_recv()).count(), MAX_LINES - 1);
        assert_eq!(kept.len(), KEPT_LINES);
    }
}
