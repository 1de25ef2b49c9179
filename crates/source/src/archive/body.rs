//! The body of a request, handed from the runtime to the blocking task that reads the archive.

use super::ArchiveError;
use super::bounded::WorkTime;
use bytes::{Buf, Bytes};
use std::io::{self, Read};
use tokio::sync::mpsc;

/// What the runtime's side says. A channel that closes without `End` is a client that left.
pub(crate) enum Piece {
    Data(Bytes),
    End,
}

/// The blocking side.
pub(crate) struct Body {
    pieces: mpsc::Receiver<Piece>,
    current: Bytes,
    ended: bool,
    time: WorkTime,
}

impl Body {
    pub(crate) fn new(pieces: mpsc::Receiver<Piece>, time: WorkTime) -> Self {
        Self { pieces, current: Bytes::new(), ended: false, time }
    }

    fn advance(&mut self) -> io::Result<()> {
        while self.current.is_empty() && !self.ended {
            let pieces = &mut self.pieces;
            match self.time.waiting(|| pieces.blocking_recv()) {
                Some(Piece::Data(bytes)) => self.current = bytes,
                Some(Piece::End) => self.ended = true,
                None => return Err(io::Error::other(ArchiveError::Body("the client left".into()))),
            }
        }
        Ok(())
    }
}

impl Read for Body {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        self.advance()?;
        let count = buffer.len().min(self.current.len());
        let (into, _) = buffer.split_at_mut(count);
        self.current.copy_to_slice(into);
        Ok(count)
    }
}
