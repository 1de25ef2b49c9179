//! Writing the log to the store: `build.log.zst`, one JSON line a log line, compressed. Reading it is
//! [`crate::archived_log`].

use crate::{Records, RecordsError};
use bytes::Bytes;
use shipstack_storage::{ObjectKey, PutBody};
use shipstack_types::DeploymentId;
use std::io::Write;

/// Lines read from the state in one piece.
const PAGE_LINES: usize = 2_000;
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
}
