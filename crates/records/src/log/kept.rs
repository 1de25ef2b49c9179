//! What a holder leaves of the log for the next one: an object of its claim, from the first line on.
//!
//! The live log is in the state alone, and a Redis that is emptied takes with it what readers have already seen. So
//! whoever lets go of a job that has not ended leaves what it knows of the log, and the next holder says it again
//! before it says anything of its own: for a reader nothing happened (promise 18). A holder that dies in the same moment
//! as Redis leaves nothing; then the log begins anew.

use super::archive::LogWriter;
use super::archived::ArchivedLog;
use crate::{Records, RecordsError};
use shipstack_state::Claim;
use shipstack_storage::ObjectKey;
use shipstack_types::{Birth, ClaimNumber, DeploymentId, LogLine, QueueName, SourceRequest};
use std::time::Duration;

/// A restored job rests at least a lease (8 s): by then the log has to be there, or it may as well not be.
const PATIENCE: Duration = Duration::from_secs(5);
/// Lines read from the object in one piece.
const PIECE_LINES: usize = 1000;

impl Records {
    /// Leaves the log for the next holder, unless nobody will ever look for it.
    pub(super) async fn keep_log(&self, claim: &Claim, whole: &[LogLine]) -> Result<(), RecordsError> {
        if self.store.exists(&ObjectKey::Result(claim.id.clone())).await?.is_some()
            || self.is_deleted(&claim.id).await?
        {
            return Ok(());
        }
        let mut log = LogWriter::new()?;
        log.write(whole)?;
        let key = key(&claim.id, claim.queue, claim.number);
        match tokio::time::timeout(PATIENCE, self.put_log(&key, log)).await {
            Ok(put) => put,
            Err(_) => Err(RecordsError::Archive(std::io::ErrorKind::TimedOut.into())),
        }
    }

    /// What earlier claims of this job said and the state does not have (any more); all of it, from line 1 on. Nothing
    /// when the state has it all.
    pub(crate) async fn earlier_log(
        &self,
        claim: &Claim,
        birth: &Birth,
    ) -> Result<Vec<LogLine>, RecordsError> {
        let intake_spoke = claim.queue == QueueName::Build
            && birth.parent.is_none()
            && matches!(birth.source, SourceRequest::Git { .. });
        // What the intake said is looked at even if the state has some of it: the rest may be what it forgot at a crash.
        if claim.number == ClaimNumber::FIRST && !intake_spoke {
            return Ok(Vec::new());
        }
        let (intake, build) = match claim.queue {
            QueueName::Intake => (claim.number.get() - 1, 0),
            QueueName::Build => (claim.source_claim.map_or(0, ClaimNumber::get), claim.number.get() - 1),
        };
        let kept = self.kept_before(&claim.id, intake, build).await?;
        Ok(if self.goes_on(claim, &kept).await? { kept } else { Vec::new() })
    }

    /// Whether these lines are those that the state has, and more.
    async fn goes_on(&self, claim: &Claim, kept: &[LogLine]) -> Result<bool, RecordsError> {
        let known = claim.next_log_seq - 1;
        let is_more = kept.last().is_some_and(|last| last.seq > known);
        if known == 0 || !is_more {
            return Ok(is_more);
        }
        let page = self.state.read_log(&claim.id, known, 1).await?;
        Ok(page.lines.first().is_some_and(|last| kept.contains(last)))
    }

    /// What a holder said after the last line that the state has, of which it is the log; all of it when the state has
    /// none. Nobody said more when it is empty.
    pub(super) async fn said_after(
        &self,
        id: &DeploymentId,
        last: Option<&LogLine>,
    ) -> Result<Vec<LogLine>, RecordsError> {
        let Some(job) = self.state.job(id).await? else { return Ok(Vec::new()) };
        let kept = self.kept_before(id, job.intake_fence, job.build_fence).await?;
        let Some(last) = last else { return Ok(kept) };
        let known = kept.iter().position(|line| line == last);
        Ok(known.map_or_else(Vec::new, |known| kept.into_iter().skip(known + 1).collect()))
    }

    /// The newest log that one of the first so many claims left.
    async fn kept_before(
        &self,
        id: &DeploymentId,
        intake: u32,
        build: u32,
    ) -> Result<Vec<LogLine>, RecordsError> {
        let of_build = (1..=build).rev().map(|claim| (QueueName::Build, claim));
        let of_intake = (1..=intake).rev().map(|claim| (QueueName::Intake, claim));
        for (queue, number) in of_build.chain(of_intake) {
            let Some(number) = ClaimNumber::new(number) else { continue };
            let lines = self.kept_log(&key(id, queue, number)).await?;
            if !lines.is_empty() {
                return Ok(lines);
            }
        }
        Ok(Vec::new())
    }

    /// One that cannot be read is as good as none: it must not fail the build that looks for it.
    async fn kept_log(&self, key: &ObjectKey) -> Result<Vec<LogLine>, RecordsError> {
        let Some(mut log) = ArchivedLog::open(self, key, 1).await? else { return Ok(Vec::new()) };
        let mut lines = Vec::new();
        loop {
            match log.next(PIECE_LINES).await {
                Ok(more) if more.is_empty() => return Ok(lines),
                Ok(more) => lines.extend(more),
                Err(error @ RecordsError::Store(_)) => return Err(error),
                Err(error) => {
                    tracing::warn!(%key, %error, "a kept log cannot be read");
                    return Ok(Vec::new());
                }
            }
        }
    }
}

fn key(id: &DeploymentId, queue: QueueName, claim: ClaimNumber) -> ObjectKey {
    let id = id.clone();
    match queue {
        QueueName::Intake => ObjectKey::IntakeLog { id, claim },
        QueueName::Build => ObjectKey::ClaimLog { id, claim },
    }
}
