//! Writing a log to the store: one JSON line a log line, compressed. Reading it is [`super::archived`].

use super::ArchivedLines;
use crate::{Records, RecordsError};
use bytes::Bytes;
use shipstack_state::Outcome;
use shipstack_storage::{ObjectKey, PutBody};
use shipstack_types::{DeploymentId, LogLine, LogStream, Phase, ResultRecord};
use std::io::Write;

/// Lines read from the state in one piece.
const PAGE_LINES: usize = 2_000;
/// zstd's default: logs are small and compress well at any level.
const LEVEL: i32 = 3;

/// A log as the bytes of an object.
pub(super) struct LogWriter(zstd::Encoder<'static, Vec<u8>>);

impl LogWriter {
    pub(super) fn new() -> Result<Self, RecordsError> {
        Ok(Self(zstd::Encoder::new(Vec::new(), LEVEL)?))
    }

    pub(super) fn write(&mut self, lines: &[LogLine]) -> Result<(), RecordsError> {
        for line in lines {
            serde_json::to_writer(&mut self.0, line).map_err(|source| RecordsError::Unwritable { source })?;
            self.0.write_all(b"\n")?;
        }
        Ok(())
    }

    pub(super) fn finish(self) -> Result<Bytes, RecordsError> {
        Ok(self.0.finish()?.into())
    }
}

impl Records {
    /// Archives the log of a settling deployment. Nothing is appended once settling began, so whoever archives
    /// writes the same lines. A log that was dropped meanwhile was archived before: an archive that exists stays, unless
    /// the state was lost right after it and the job has said more since. `heard` is the whole log where the holder itself
    /// settles: a Redis that came back without its last moments may have less. Others have the state's, and what was kept.
    pub(crate) async fn archive_log(
        &self,
        id: &DeploymentId,
        heard: &[LogLine],
        outcome: &Outcome,
    ) -> Result<(), RecordsError> {
        let mut log = LogWriter::new()?;
        log.write(heard)?;
        let after = |last: Option<&LogLine>| last.map_or(1, |last| last.seq + 1);
        let mut last = heard.last().cloned();
        loop {
            let page = self.state.read_log(id, after(last.as_ref()), PAGE_LINES).await?;
            if page.lines.is_empty() {
                break;
            }
            log.write(&page.lines)?;
            last = page.lines.last().cloned();
        }
        if heard.is_empty() {
            // Nobody took the job since the state was lost, or forgot its last moments: what was said before is there.
            let more = self.said_after(id, last.as_ref()).await?;
            log.write(&more)?;
            last = more.last().cloned().or(last);
        }
        let next = after(last.as_ref());
        if matches!(self.archived_lines(id).await?, ArchivedLines::UpTo(stored) if stored >= next - 1) {
            return Ok(());
        }
        if next == 1 {
            log.write(&last_words(outcome))?;
        }
        self.put_log(&ObjectKey::Log(id.clone()), log).await
    }

    pub(super) async fn put_log(&self, key: &ObjectKey, log: LogWriter) -> Result<(), RecordsError> {
        let body = PutBody::Bytes(log.finish()?);
        Ok(self.store.put(key, body, Some("application/zstd")).await?)
    }

    /// The live lines before this one, from the first on, as far as they are there.
    pub(super) async fn live_lines(
        &self,
        id: &DeploymentId,
        before: u64,
    ) -> Result<Vec<LogLine>, RecordsError> {
        let mut lines: Vec<LogLine> = Vec::new();
        let mut next = 1;
        while next < before {
            let most = usize::try_from(before - next).unwrap_or(PAGE_LINES).min(PAGE_LINES);
            let page = self.state.read_log(id, next, most).await?;
            if page.lines.first().is_none_or(|first| first.seq != next) {
                break;
            }
            next += page.lines.len() as u64;
            lines.extend(page.lines);
        }
        Ok(lines)
    }
}

/// The log of a failure of which nothing else is left, or was ever said: what a holder would have said at the end.
fn last_words(outcome: &Outcome) -> Vec<LogLine> {
    let Ok(record) = serde_json::from_slice::<ResultRecord>(&outcome.record) else { return Vec::new() };
    let Some(failure) = record.failure else { return Vec::new() };
    let phase = record.phases.last().map_or(Phase::Queued, |timing| timing.phase);
    let (at, attempt) = (record.ended_at, record.attempt);
    let texts = [format!("{}: {}", failure.code, failure.message), failure.remedy];
    let line = |(seq, text)| LogLine { seq, at, stream: LogStream::System, phase, attempt, text };
    (1..).zip(texts).map(line).collect()
}
