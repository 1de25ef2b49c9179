//! Log lines from an answer in newline-delimited JSON.

use futures_util::StreamExt as _;
use reqwest::Response;
use shipstack_types::LogLine;

/// The lines of an answer in newline-delimited JSON.
pub(crate) struct Lines {
    pieces: std::pin::Pin<Box<dyn futures_util::Stream<Item = reqwest::Result<Vec<u8>>> + Send>>,
    waiting: Vec<u8>,
}

impl Lines {
    pub(crate) fn of(response: Response) -> Self {
        let pieces = response.bytes_stream().map(|piece| piece.map(|bytes| bytes.to_vec()));
        Self { pieces: Box::pin(pieces), waiting: Vec::new() }
    }

    /// The next line; one that does not parse (the answer was cut) is left to the next try.
    pub(crate) async fn next(&mut self) -> Option<reqwest::Result<LogLine>> {
        loop {
            if let Some(end) = self.waiting.iter().position(|byte| *byte == b'\n') {
                let rest = self.waiting.split_off(end + 1);
                let line = std::mem::replace(&mut self.waiting, rest);
                return serde_json::from_slice(&line).ok().map(Ok);
            }
            match self.pieces.next().await? {
                Ok(piece) => self.waiting.extend(piece),
                Err(error) => return Some(Err(error)),
            }
        }
    }
}
