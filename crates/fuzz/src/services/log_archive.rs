//! The archived log, replayed from any line: each line once and in order however the bytes come; what was cut is an error.

use crate::input::{Input, in_pieces};
use bytes::Bytes;
use shipstack_records::LogDecoder;
use shipstack_types::{LogLine, LogStream, Phase, Timestamp};
use std::io;

/// Frames, and after which of them the text is at the end of a line.
#[derive(Default)]
struct Archived {
    bytes: Vec<u8>,
    whole_at: Vec<usize>,
}

/// Odd: bytes that somebody stored. Even: the first line that is wanted, lines in a piece, cuts of frames and chunks,
/// bytes cut off at the end, then lines.
pub(crate) fn check(data: &[u8]) {
    let mut input = Input::new(data);
    if input.byte() % 2 == 1 {
        let (from, cuts) = (u64::from(input.byte()), input.bytes(3));
        return whatever_was_stored(from, cuts, input.rest());
    }
    let (from, max) = (u64::from(input.byte()), usize::from(input.byte()) + 1);
    let (frames, chunks, off) = (input.bytes(4), input.bytes(4), usize::from(input.byte()));
    let lines = lines(input.rest());
    let archived = archived(&lines, frames);
    let wanted: Vec<&LogLine> = lines.iter().filter(|line| line.seq >= from).collect();
    if !archived.bytes.is_empty() {
        let read = read(&in_pieces(&archived.bytes, chunks), from, max).expect("a whole archive");
        assert!(read.iter().eq(wanted.iter().copied()), "{read:?}");
    }
    let left = archived.bytes.len().saturating_sub(off);
    match read(&in_pieces(&archived.bytes[..left], chunks), from, max) {
        Ok(read) => {
            assert!(archived.whole_at.contains(&left), "an end in the middle was taken for the end");
            assert!(read.iter().zip(&wanted).all(|(read, wanted)| read == *wanted));
        }
        Err(_) => assert!(!archived.whole_at.contains(&left)),
    }
}

fn lines(text: &[u8]) -> Vec<LogLine> {
    let line = |(at, text): (usize, &[u8])| LogLine {
        seq: at as u64 + 1,
        at: Timestamp::from_millis(at as u64),
        stream: LogStream::Stdout,
        phase: Phase::Building,
        attempt: 1,
        text: String::from_utf8_lossy(text).into_owned(),
    };
    text.split(|byte| *byte == b'\n').enumerate().map(line).collect()
}

/// In frames of arbitrary lengths, which need not end where lines do.
fn archived(lines: &[LogLine], frames: &[u8]) -> Archived {
    let mut text = Vec::new();
    for line in lines {
        serde_json::to_writer(&mut text, line).unwrap();
        text.push(b'\n');
    }
    let mut archived = Archived::default();
    for piece in in_pieces(&text, frames) {
        archived.bytes.extend(zstd::encode_all(piece, 1).unwrap());
        if piece.ends_with(b"\n") {
            archived.whole_at.push(archived.bytes.len());
        }
    }
    archived
}

/// As a reader does it, piece by piece until one is empty.
fn read(chunks: &[&[u8]], from: u64, max: usize) -> io::Result<Vec<LogLine>> {
    let mut decoder = LogDecoder::new(from)?;
    let mut chunks = chunks.iter();
    let mut lines = Vec::new();
    loop {
        while !decoder.fills(max)? {
            if decoder.is_hungry() {
                let Some(chunk) = chunks.next() else { break };
                decoder.feed(Bytes::copy_from_slice(chunk));
            }
            decoder.decode()?;
        }
        let piece = decoder.piece()?;
        if piece.is_empty() {
            return Ok(lines);
        }
        assert!(piece.len() <= max);
        lines.extend(piece);
    }
}

fn whatever_was_stored(from: u64, cuts: &[u8], bytes: &[u8]) {
    let as_stored = read(&in_pieces(bytes, cuts), from, 100);
    let whole = read(&[bytes], from, 100);
    assert_eq!(as_stored.as_ref().ok(), whole.as_ref().ok(), "cut elsewhere");
    let sound = zstd::encode_all(bytes, 1).unwrap();
    for read in [as_stored, whole, read(&[&sound], from, 7)].into_iter().flatten() {
        assert!(read.iter().all(|line| line.seq >= from));
    }
}
