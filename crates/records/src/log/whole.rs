//! Whether an archived log is whole: every line from the first, each once and in order.

use super::archived::ArchivedLog;
use crate::{Records, RecordsError};
use shipstack_storage::ObjectKey;
use shipstack_types::DeploymentId;

/// Lines decoded together; a piece is about a MiB at most whatever this says.
const PIECE_LINES: usize = 2_000;

/// What there is of an archived log.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum ArchivedLines {
    /// No such object.
    Missing,
    /// Every line from 1 to this one; 0 for an empty log.
    UpTo(u64),
    /// At this place, counted from 1, there is a line with another number.
    Hole { place: u64, number: u64 },
    /// It cannot be decoded, or is cut in the middle of a line.
    Unreadable,
}

impl Records {
    /// Reads the archived log of a deployment through, a piece at a time.
    pub(crate) async fn archived_lines(&self, id: &DeploymentId) -> Result<ArchivedLines, RecordsError> {
        match self.count_lines(id).await {
            Err(RecordsError::Archive(_)) => Ok(ArchivedLines::Unreadable),
            counted => counted,
        }
    }

    async fn count_lines(&self, id: &DeploymentId) -> Result<ArchivedLines, RecordsError> {
        // From 0, so that a line with that number is not passed over.
        let Some(mut log) = ArchivedLog::open(self, &ObjectKey::Log(id.clone()), 0).await? else {
            return Ok(ArchivedLines::Missing);
        };
        let mut last = 0;
        loop {
            let lines = log.next(PIECE_LINES).await?;
            if lines.is_empty() {
                return Ok(ArchivedLines::UpTo(last));
            }
            for line in lines {
                last += 1;
                if line.seq != last {
                    return Ok(ArchivedLines::Hole { place: last, number: line.seq });
                }
            }
        }
    }
}
