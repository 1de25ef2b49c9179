//! What a build prints, in the frames of an engine: the lines do not depend on where the frames end.

use crate::input::{Input, in_pieces};
use shipstack_engine::{LineSplitter, MAX_LINE_BYTES};

/// How often the text is repeated, so that lines reach their cap.
const REPEATED: [usize; 4] = [1, 1, 3, 700];

/// A byte for the number of repeats, one for the number of cuts, the cuts, the text.
pub(crate) fn check(data: &[u8]) {
    let mut input = Input::new(data);
    let repeats = REPEATED[usize::from(input.byte() % 4)];
    let count = usize::from(input.byte() % 8);
    let cuts = input.bytes(count);
    let rest = input.rest();
    let text = rest.repeat(if rest.len() > 1024 { 1 } else { repeats });
    let whole = split(&[&text]);
    assert_eq!(split(&in_pieces(&text, cuts)), whole, "cut elsewhere");
    let big: Vec<&[u8]> = text.chunks(60_000).collect();
    assert_eq!(split(&big), whole, "cut in large frames");
    are_the_lines_of(&text, &whole);
}

fn split(frames: &[&[u8]]) -> Vec<String> {
    let mut splitter = LineSplitter::default();
    let mut lines = Vec::new();
    for frame in frames {
        splitter.push(frame, |line| lines.push(line));
    }
    lines.extend(splitter.finish());
    lines
}

fn are_the_lines_of(text: &[u8], lines: &[String]) {
    let mut expected: Vec<&[u8]> = text.split(|byte| *byte == b'\n').collect();
    if expected.last().is_some_and(|last| last.is_empty()) {
        expected.pop();
    }
    assert_eq!(lines.len(), expected.len());
    for (line, raw) in lines.iter().zip(expected) {
        let harmless = |c: char| !c.is_control() || "\t\r\u{8}\u{1b}".contains(c);
        assert!(line.chars().all(harmless), "{line:?}");
        if let Some(cut) = raw.len().checked_sub(MAX_LINE_BYTES).filter(|cut| *cut > 0) {
            assert!(line.ends_with(&format!(" … [{cut} bytes of this line cut]")), "{cut}");
            // A broken byte becomes three.
            assert!(line.len() <= 3 * MAX_LINE_BYTES + 64);
        } else if let Ok(text) = std::str::from_utf8(raw)
            && text.chars().all(harmless)
        {
            assert_eq!(line, text.strip_suffix('\r').unwrap_or(text));
        }
    }
}
