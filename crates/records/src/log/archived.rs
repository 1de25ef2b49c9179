//! An archived log as it is read: decoded piece by piece, as fast as its reader takes it.
//!
//! Guarantees: whatever the log is, no more than a chunk of the store, a window of zstd and one line are held in memory;
//! a body that ends too early is an error and never an end; dropping a call half-way loses no line.

use crate::{Records, RecordsError};
use bytes::{Buf as _, Bytes};
use futures_util::TryStreamExt as _;
use shipstack_storage::{ObjectBody, ObjectKey};
use shipstack_types::LogLine;
use std::io;
use zstd::stream::raw::{Decoder, Operation as _};

/// Decoded at once: the size of a zstd block, so that every step makes progress.
const STEP: usize = 128 * 1024;
/// No line is longer: 64 KiB of text, each byte of which may be escaped in six, and its envelope.
const LONGEST_LINE: usize = 512 * 1024;
/// A piece that is handed out is about this large at most, like one of the live log.
const PIECE_BYTES: usize = 1024 * 1024;

/// The place of one reader in an archive.
pub(super) struct ArchivedLog {
    /// The rest of the object; `None` once it was read.
    body: Option<ObjectBody>,
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

impl ArchivedLog {
    /// Opens the stored log at this line; `None` when there is none.
    pub(super) async fn open(
        records: &Records,
        key: &ObjectKey,
        from: u64,
    ) -> Result<Option<Self>, RecordsError> {
        let object = records.store.get(key).await?;
        let Some(object) = object else { return Ok(None) };
        Ok(Some(Self {
            body: Some(object.body),
            decoder: Decoder::new()?,
            input: Bytes::new(),
            text: Vec::new(),
            cut: 0,
            lines: Vec::new(),
            bytes: 0,
            from,
            has_more: false,
            frame_is_whole: false,
        }))
    }

    /// The next lines, at most `max` and about a MiB; none at the end.
    pub(super) async fn next(&mut self, max: usize) -> Result<Vec<LogLine>, RecordsError> {
        loop {
            while self.lines.len() < max && self.bytes < PIECE_BYTES && self.take_line()? {}
            if self.lines.len() >= max || self.bytes >= PIECE_BYTES {
                break;
            }
            if self.input.is_empty() && !self.has_more {
                let Some(body) = &mut self.body else { break };
                let Some(chunk) = body.try_next().await? else {
                    self.body = None;
                    break;
                };
                self.input = chunk;
            }
            self.decode()?;
            // Skipping to a line far behind is work that nobody waits for; others are let through.
            tokio::task::yield_now().await;
        }
        if self.lines.is_empty() {
            self.check_end()?;
        }
        self.bytes = 0;
        Ok(std::mem::take(&mut self.lines))
    }

    /// Decodes one step from the input to the text.
    fn decode(&mut self) -> Result<(), io::Error> {
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
