//! One reader's way through a log, whatever carries it: lines, signs of life, the end.
//!
//! Guarantees: nothing is read ahead of the reader, so that a slow one costs a page of memory and nobody's time; a
//! following reader outlasts an absence of Redis or the store; a service that stops ends it, for it resumes elsewhere.

use crate::streams::OpenStream;
use serde::Deserialize;
use shipstack_http::SSE_HEARTBEAT;
use shipstack_records::{LogPiece, LogReader, RecordsError};
use shipstack_service::CancellationToken;
use shipstack_types::{DeploymentState, LogLine};
use std::time::Instant;

/// Whether to stay for what comes.
#[derive(Clone, Copy, PartialEq, Eq, Deserialize)]
pub(super) enum Follow {
    #[serde(rename = "false", alias = "0")]
    No,
    #[serde(rename = "true", alias = "1", alias = "")]
    Yes,
}

/// What there is to send.
pub(super) enum Beat {
    Lines(Vec<LogLine>),
    /// Nothing happened for a while.
    Quiet,
    /// The deployment ended so; nothing follows.
    End(DeploymentState),
}

pub(super) struct LogTail {
    reader: LogReader,
    follow: Follow,
    stopping: CancellationToken,
    spoke: Instant,
    over: bool,
    _place: OpenStream,
}

impl LogTail {
    pub(super) fn new(
        reader: LogReader,
        follow: Follow,
        stopping: &CancellationToken,
        place: OpenStream,
    ) -> Self {
        let stopping = stopping.clone();
        Self { reader, follow, stopping, spoke: Instant::now(), over: false, _place: place }
    }

    /// What comes next; `None` when nothing more does.
    pub(super) async fn next(&mut self) -> Result<Option<Beat>, RecordsError> {
        while !self.over && !self.stopping.is_cancelled() {
            match self.reader.next().await {
                Ok(LogPiece::Lines(lines)) => return Ok(Some(self.say(Beat::Lines(lines)))),
                Ok(LogPiece::Ended(state)) => {
                    self.over = true;
                    return Ok(Some(Beat::End(state)));
                }
                Ok(LogPiece::Deleted) => self.over = true,
                Ok(LogPiece::Waiting) => self.over = self.follow == Follow::No,
                Err(error) if self.follow == Follow::Yes && is_passing(&error) => {
                    tracing::debug!(%error, "a log is read on as soon as it can be");
                }
                Err(error) => return Err(error),
            }
            if !self.over && self.spoke.elapsed() >= SSE_HEARTBEAT {
                return Ok(Some(self.say(Beat::Quiet)));
            }
            self.wait().await;
        }
        Ok(None)
    }

    /// Whether there is nothing more, rather than nobody to send it.
    pub(super) fn is_over(&self) -> bool {
        self.over
    }

    fn say(&mut self, beat: Beat) -> Beat {
        self.spoke = Instant::now();
        beat
    }

    async fn wait(&mut self) {
        if self.over {
            return;
        }
        let left = SSE_HEARTBEAT.saturating_sub(self.spoke.elapsed());
        tokio::select! {
            () = self.stopping.cancelled() => {}
            () = self.reader.wait(left) => {}
        }
    }
}

/// Redis or the store is away; a record that cannot be read stays so.
fn is_passing(error: &RecordsError) -> bool {
    match error {
        RecordsError::State(error) => error.is_unavailable(),
        RecordsError::Store(_) => true,
        _ => false,
    }
}
