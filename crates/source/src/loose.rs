//! Loose files of a bucket of the Node system (contract §5) made into a snapshot, so that everything after it is alike.
//!
//! The caller lists and reads the store, leaving aside what is a key of ours; this takes one file after the other.

use crate::contents::copy_slice;
use crate::index::{FileSlot, Index};
use crate::snapshot::write::write;
use crate::{FileMode, Refusal, Snapshot, Spool};
use bytes::Bytes;
use futures_util::{Stream, StreamExt};
use shipstack_types::{Code, RelPath, SourceLimits};
use std::error::Error;
use std::io;
use tokio::fs::File;
use tokio::io::AsyncWriteExt;

/// Why loose files did not become a snapshot.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum LooseError {
    /// A name or a limit.
    #[error(transparent)]
    Refused(#[from] Refusal),
    /// The store stopped in the middle of a file.
    #[error("a loose file cannot be read")]
    Fetch(#[source] Box<dyn Error + Send + Sync>),
    /// The spool refused.
    #[error("the loose files cannot be kept here")]
    Disk(#[from] io::Error),
}

impl LooseError {
    /// The code of the table for this.
    #[must_use]
    pub fn code(&self) -> Code {
        match self {
            Self::Refused(Refusal::Limit { .. }) => Code::SourceTooLarge,
            Self::Refused(_) => Code::EntryType,
            Self::Fetch(_) => Code::StoreUnavailable,
            Self::Disk(error) if error.kind() == io::ErrorKind::StorageFull => Code::DiskFull,
            Self::Disk(_) => Code::Internal,
        }
    }
}

/// Loose files on their way into a snapshot.
pub struct LooseSource {
    index: Index<u64>,
    contents: File,
    written: u64,
    spool: Spool,
}

impl LooseSource {
    /// An empty one.
    pub fn new(limits: SourceLimits, spool: &Spool) -> Result<Self, LooseError> {
        let contents = File::from_std(spool.unlinked()?);
        Ok(Self { index: Index::new(limits), contents, written: 0, spool: spool.clone() })
    }

    /// Takes a file whose size the listing gave; a body of another length is an error. Modes are lost in that layout.
    pub async fn add<S, E>(&mut self, path: &RelPath, bytes: u64, mut body: S) -> Result<(), LooseError>
    where
        S: Stream<Item = Result<Bytes, E>> + Unpin,
        E: Into<Box<dyn Error + Send + Sync>>,
    {
        let slot = FileSlot { mode: FileMode::Plain, bytes, content: self.written };
        self.index.add_file(path, slot)?;
        let mut left = bytes;
        while let Some(chunk) = body.next().await {
            let chunk = chunk.map_err(|error| LooseError::Fetch(error.into()))?;
            let count = u64::try_from(chunk.len()).unwrap_or(u64::MAX);
            left = left.checked_sub(count).ok_or_else(|| LooseError::Fetch("longer than listed".into()))?;
            self.contents.write_all(&chunk).await?;
        }
        if left > 0 {
            return Err(LooseError::Fetch("shorter than listed".into()));
        }
        self.written = self.written.saturating_add(bytes);
        Ok(())
    }

    /// The snapshot of everything that was taken; `None` when that was nothing.
    pub async fn finish(mut self) -> Result<Option<Snapshot>, LooseError> {
        if self.index.count_files() == 0 {
            return Ok(None);
        }
        self.contents.flush().await?;
        let mut contents = self.contents.into_std().await;
        let (index, spool) = (self.index, self.spool);
        let writing = tokio::task::spawn_blocking(move || {
            write(index, &spool, Vec::new(), |file, sink| {
                copy_slice(&mut contents, file.content, file.bytes, sink)
            })
        });
        Ok(Some(writing.await.map_err(io::Error::from)??))
    }
}
