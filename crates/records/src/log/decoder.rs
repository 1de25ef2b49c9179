//! `build.log.zst` as it is decoded: compressed bytes in, lines out, whatever pieces the bytes come in. Pure.
//!
//! Guarantees: each line from the asked one on, once and in order; no more than the input, a window of zstd and one line
//! are held in memory; what ends in the middle of a frame or of a line is an error and never an end.

use bytes::{Buf as _, Bytes};
use shipstack_types::LogLine;
use std::io;
use zstd::stream::raw::{Decoder, Operation as _};

/// Decoded at once: the size of a zstd block, so that every step makes progress.
const STEP: usize = 128 * 1024;
/// No line is longer: 64 KiB of text, each byte of which may be escaped in six, and its envelope.
const LONGEST_LINE: usize = 512 * 1024;
/// A piece that is handed out is about this large at most, like one of the live log.
const PIECE_BYTES: usize = 1024 * 1024;

/// The place in an archive that is being decoded.
pub struct LogDecoder {
    decoder: Decoder<'static>,
    /// Compressed bytes that were not decoded yet.
    input: Bytes,
    /// Decoded bytes; those before `cut` were read.
    text: Vec<u8>,
    cut: usize,
    /// Lines that were read and not handed out.
    lines: Vec<LogLine>,
    bytes: usize,
    /// The number of the first line that is wanted.
    from: u64,
    /// The last step filled its room: the decoder may hold text without any further input.
    has_more: bool,
    frame_is_whole: bool,
}

impl LogDecoder {
    /// A decoder of the lines from this one on.
    pub fn new(from: u64) -> io::Result<Self> {
        Ok(Self {
            decoder: Decoder::new()?,
            input: Bytes::new(),
            text: Vec::new(),
            cut: 0,
            lines: Vec::new(),
            bytes: 0,
            from,
            has_more: false,
            frame_is_whole: false,
        })
    }

    /// Whether a piece is ready: so many lines, or about a MiB. Reads those that are decoded.
    pub fn fills(&mut self, max: usize) -> io::Result<bool> {
        while self.lines.len() < max && self.bytes < PIECE_BYTES && self.take_line()? {}
        Ok(self.lines.len() >= max || self.bytes >= PIECE_BYTES)
    }

    /// Whether there is nothing left to decode, so that [`Self::feed`] has to come first.
    #[must_use]
    pub fn is_hungry(&self) -> bool {
        self.input.is_empty() && !self.has_more
    }

    /// Takes compressed bytes, once those before are decoded.
    pub fn feed(&mut self, chunk: Bytes) {
        self.input = chunk;
    }

    /// The lines that were read; none of them only where the archive may end.
    pub fn piece(&mut self) -> io::Result<Vec<LogLine>> {
        if self.lines.is_empty() {
            self.check_end()?;
        }
        self.bytes = 0;
        Ok(std::mem::take(&mut self.lines))
    }

    /// Decodes one step from the input to the text.
    pub fn decode(&mut self) -> Result<(), io::Error> {
        self.text.drain(..self.cut);
        self.cut = 0;
        if self.text.len() > LONGEST_LINE {
            return Err(io::Error::other("a line of the log archive is longer than any line"));
        }
        let mut step = vec![0; STEP];
        let done = self.decoder.run_on_buffers(&self.input, &mut step)?;
        self.input.advance(done.bytes_read);
        self.has_more = done.bytes_written == STEP;
        self.frame_is_whole = done.remaining == 0;
        self.text.extend(step.get(..done.bytes_written).unwrap_or_default());
        Ok(())
    }

    /// Reads one line of the text; whether there was one.
    fn take_line(&mut self) -> Result<bool, io::Error> {
        let rest = self.text.get(self.cut..).unwrap_or_default();
        let Some(end) = rest.iter().position(|byte| *byte == b'\n') else { return Ok(false) };
        let line = rest.get(..end).unwrap_or_default();
        if number(line).is_none_or(|seq| seq >= self.from) {
            let parsed: LogLine = serde_json::from_slice(line)?;
            if parsed.seq >= self.from {
                self.bytes += line.len();
                self.lines.push(parsed);
            }
        }
        self.cut += end + 1;
        Ok(true)
    }

    /// An archive ends with a whole frame and a whole line; anything else was cut.
    fn check_end(&self) -> Result<(), io::Error> {
        if self.frame_is_whole && self.cut == self.text.len() {
            return Ok(());
        }
        Err(io::Error::new(io::ErrorKind::UnexpectedEof, "the log archive is cut"))
    }
}

/// The number of a line as our writer puts it, without reading the rest: skipping 99,999 lines takes no time.
fn number(line: &[u8]) -> Option<u64> {
    let digits = line.strip_prefix(b"{\"seq\":")?;
    let end = digits.iter().position(|byte| !byte.is_ascii_digit())?;
    std::str::from_utf8(digits.get(..end)?).ok()?.parse().ok()
}
