//! An archived log as it is read: decoded piece by piece, as fast as its reader takes it.
//!
//! Guarantees: whatever the log is, no more than a chunk of the store, a window of zstd and one line are held in memory;
//! a body that ends too early is an error and never an end; dropping a call half-way loses no line.

use super::decoder::LogDecoder;
use crate::{Records, RecordsError};
use futures_util::TryStreamExt as _;
use shipstack_storage::{ObjectBody, ObjectKey};
use shipstack_types::LogLine;

/// The place of one reader in an archive.
pub(super) struct ArchivedLog {
    /// The rest of the object; `None` once it was read.
    body: Option<ObjectBody>,
    decoder: LogDecoder,
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
        Ok(Some(Self { body: Some(object.body), decoder: LogDecoder::new(from)? }))
    }

    /// The next lines, at most `max` and about a MiB; none at the end.
    pub(super) async fn next(&mut self, max: usize) -> Result<Vec<LogLine>, RecordsError> {
        while !self.decoder.fills(max)? {
            if self.decoder.is_hungry() {
                let Some(body) = &mut self.body else { break };
                let Some(chunk) = body.try_next().await? else {
                    self.body = None;
                    break;
                };
                self.decoder.feed(chunk);
            }
            self.decoder.decode()?;
            // Skipping to a line far behind is work that nobody waits for; others are let through.
            tokio::task::yield_now().await;
        }
        Ok(self.decoder.piece()?)
    }
}
