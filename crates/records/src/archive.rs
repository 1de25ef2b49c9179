//! The log in the store: `build.log.zst`, one JSON line a log line, compressed.

use crate::{Records, RecordsError};
use bytes::Bytes;
use futures_util::TryStreamExt;
use shipstack_storage::{ObjectKey, PutBody};
use shipstack_types::{DeploymentId, LogLine};
use std::io::{BufRead, BufReader, Read, Write};

/// Lines read from the state in one piece.
const PAGE_LINES: usize = 2_000;
/// Cap on a compressed archive as it is read: the log's cap is 16 MiB of text, an operator may raise it.
const MAX_ARCHIVE_BYTES: u64 = 256 * 1024 * 1024;
/// zstd's default: logs are small and compress well at any level.
const LEVEL: i32 = 3;

impl Records {
    /// Archives the log of a settling deployment. Nothing is appended once settling began, so whoever archives
    /// writes the same lines. A log that was dropped meanwhile was archived before: an archive that exists stays.
    pub(crate) async fn archive_log(&self, id: &DeploymentId) -> Result<(), RecordsError> {
        let mut encoder = zstd::Encoder::new(Vec::new(), LEVEL)?;
        let mut next = 1;
        loop {
            let page = self.state.read_log(id, next, PAGE_LINES).await?;
            let Some(last) = page.lines.last() else { break };
            next = last.seq + 1;
            for line in &page.lines {
                serde_json::to_writer(&mut encoder, line)
                    .map_err(|source| RecordsError::Unwritable { source })?;
                encoder.write_all(b"\n")?;
            }
        }
        let key = ObjectKey::Log(id.clone());
        if self.store.exists(&key).await?.is_some() {
            return Ok(());
        }
        let body = PutBody::Bytes(Bytes::from(encoder.finish()?));
        Ok(self.store.put(&key, body, Some("application/zstd")).await?)
    }

    /// Lines of the archived log from `from` on, at most `max`; `None` when there is no archive.
    pub(crate) async fn archived_lines(
        &self,
        id: &DeploymentId,
        from: u64,
        max: usize,
    ) -> Result<Option<Vec<LogLine>>, RecordsError> {
        let Some(object) = self.store.get(&ObjectKey::Log(id.clone())).await? else { return Ok(None) };
        let mut compressed = Vec::new();
        let mut body = object.body;
        while let Some(chunk) = body.try_next().await? {
            if compressed.len() as u64 + chunk.len() as u64 > MAX_ARCHIVE_BYTES {
                return Err(std::io::Error::other("the log archive is larger than it may be").into());
            }
            compressed.extend_from_slice(&chunk);
        }
        let lines = tokio::task::spawn_blocking(move || decode(&compressed, from, max)).await;
        Ok(Some(lines.map_err(std::io::Error::other)??))
    }
}

fn decode(compressed: &[u8], from: u64, max: usize) -> Result<Vec<LogLine>, std::io::Error> {
    let reader = zstd::Decoder::new(compressed)?.take(MAX_ARCHIVE_BYTES);
    let mut lines = Vec::new();
    for line in BufReader::new(reader).lines() {
        let line: LogLine = serde_json::from_str(&line?)?;
        if line.seq >= from {
            lines.push(line);
        }
        if lines.len() >= max {
            break;
        }
    }
    Ok(lines)
}
