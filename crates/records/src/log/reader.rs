//! A deployment's log for one reader: live lines while the deployment lasts, archived ones from then on.
//!
//! Guarantees: every line from the asked one on, once and in order, whoever holds the job meanwhile; the end is told only
//! after the last line, and after the archive and the result are in the store. An archived log is read without Redis.
//! What it is not: a buffer. Nothing is read ahead of a reader, and no reader is known to whoever writes.

use super::archived::ArchivedLog;
use crate::objects::read_json;
use crate::{Records, RecordsError};
use shipstack_state::{JobWatch, LogPage, StateError};
use shipstack_storage::ObjectKey;
use shipstack_types::{DeploymentId, DeploymentState, LogLine, ResultRecord};
use std::time::Duration;
use tokio::time::{Instant, sleep_until};

/// Lines read in one piece.
const PIECE_LINES: usize = 1000;
/// Longest wait for a wake-up that may have been lost.
const LOOK_AGAIN: Duration = Duration::from_secs(1);
/// Live lines are gathered for so long: a build that prints one line at a time costs Redis forty looks a second and reader.
const GATHER: Duration = Duration::from_millis(25);

/// What a reader finds.
#[derive(Debug, PartialEq, Eq)]
pub enum LogPiece {
    /// The next lines; never none.
    Lines(Vec<LogLine>),
    /// Nothing yet: [`LogReader::wait`], then look again.
    Waiting,
    /// All lines were read and the deployment has ended so.
    Ended(DeploymentState),
    /// The deployment was deleted meanwhile.
    Deleted,
}

/// The place of one reader in a log.
pub struct LogReader {
    records: Records,
    id: DeploymentId,
    next: u64,
    source: Source,
    watch: JobWatch,
    looked: Instant,
}

enum Source {
    Live,
    Archive(Box<ArchivedLog>),
    /// The archive was read to its end.
    Exhausted,
}

impl Records {
    /// Opens a log at this line (inclusive); `None` when nobody knows the deployment.
    pub async fn read_log(&self, id: &DeploymentId, from: u64) -> Result<Option<LogReader>, RecordsError> {
        if self.is_deleted(id).await? {
            return Ok(None);
        }
        let source = match ArchivedLog::open(self, &ObjectKey::Log(id.clone()), from).await? {
            Some(archive) => Source::Archive(Box::new(archive)),
            None if self.is_known(id).await? => Source::Live,
            None => return Ok(None),
        };
        // Registered before the first look, so that nothing that happens after it is missed.
        let watch = self.state.watch_job(id);
        let (records, id) = (self.clone(), id.clone());
        Ok(Some(LogReader { records, id, next: from, source, watch, looked: Instant::now() }))
    }

    async fn is_known(&self, id: &DeploymentId) -> Result<bool, RecordsError> {
        let born = self.store.exists(&ObjectKey::Birth(id.clone())).await?.is_some();
        // Without a birth it may be an id that a classic producer pushed a moment ago.
        Ok(born || self.status(id).await?.is_some())
    }
}

impl LogReader {
    /// The number of the line that comes next.
    #[must_use]
    pub fn next_seq(&self) -> u64 {
        self.next
    }

    /// The next piece. A call that is dropped half-way loses nothing; after an error it may be called again.
    pub async fn next(&mut self) -> Result<LogPiece, RecordsError> {
        loop {
            let lines = match &mut self.source {
                Source::Live => match self.live().await? {
                    Some(piece) => return Ok(piece),
                    None => continue,
                },
                Source::Archive(archive) => archive.next(PIECE_LINES).await,
                Source::Exhausted => return self.end().await,
            };
            match lines {
                Ok(lines) if lines.is_empty() => self.source = Source::Exhausted,
                Ok(lines) => return Ok(self.take(lines)),
                Err(error) => {
                    // A broken body cannot be read on; the next call opens the archive anew where this one stopped.
                    self.source = Source::Live;
                    return Err(error);
                }
            }
        }
    }

    /// Waits until there may be more, at most so long. A lost wake-up costs a second.
    pub async fn wait(&mut self, at_most: Duration) {
        self.watch.changed(at_most.min(LOOK_AGAIN)).await;
        sleep_until(self.looked + GATHER).await;
    }

    /// A look at the live log; `None` when the archive has to be read.
    async fn live(&mut self) -> Result<Option<LogPiece>, RecordsError> {
        self.looked = Instant::now();
        match self.records.state.read_log(&self.id, self.next, PIECE_LINES).await {
            Ok(page) if follows(&page, self.next) => Ok(Some(self.take(page.lines))),
            Ok(page) if page.lines.is_empty() && !page.closed => Ok(Some(LogPiece::Waiting)),
            // Closed, dropped, with a gap, or out of reach: if there is an archive, it has the truth.
            page => self.archive(page).await,
        }
    }

    async fn archive(&mut self, page: Result<LogPage, StateError>) -> Result<Option<LogPiece>, RecordsError> {
        let key = ObjectKey::Log(self.id.clone());
        if let Some(archive) = ArchivedLog::open(&self.records, &key, self.next).await? {
            self.source = Source::Archive(Box::new(archive));
            return Ok(None);
        }
        page?;
        let deleted = self.records.is_deleted(&self.id).await?;
        Ok(Some(if deleted { LogPiece::Deleted } else { LogPiece::Waiting }))
    }

    async fn end(&mut self) -> Result<LogPiece, RecordsError> {
        let key = ObjectKey::Result(self.id.clone());
        let result: Option<ResultRecord> = read_json(&self.records.store, &key).await?;
        match result {
            Some(result) => Ok(LogPiece::Ended(result.state)),
            None if self.records.is_deleted(&self.id).await? => Ok(LogPiece::Deleted),
            None => {
                // Archived and not ended: it ends in a moment, or the state was lost just then and the job goes on.
                self.source = Source::Live;
                self.behind_the_archive().await
            }
        }
    }

    /// The live lines that an archive lacks. Whoever reads what there is, and does not wait, would stop without them.
    async fn behind_the_archive(&mut self) -> Result<LogPiece, RecordsError> {
        self.looked = Instant::now();
        let page = self.records.state.read_log(&self.id, self.next, PIECE_LINES).await?;
        Ok(if follows(&page, self.next) { self.take(page.lines) } else { LogPiece::Waiting })
    }

    fn take(&mut self, lines: Vec<LogLine>) -> LogPiece {
        self.next = lines.last().map_or(self.next, |last| last.seq.saturating_add(1));
        LogPiece::Lines(lines)
    }
}

/// Whether the page goes on exactly where the reader stopped.
fn follows(page: &LogPage, next: u64) -> bool {
    page.lines.first().is_some_and(|first| first.seq == next)
}
