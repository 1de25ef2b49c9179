//! Live logs.

use super::book::Book;
use crate::wake::Topic;
use crate::{LogPage, StateError};
use shipstack_types::job::{Holder, Standing};
use shipstack_types::{DeploymentId, LogLine};

/// Text of one page at most, so that a reader's page is small whatever its lines are; `redis/read_log.lua` does the same.
const BUDGET: usize = 1024 * 1024;

pub(super) fn append(
    book: &mut Book,
    id: &DeploymentId,
    holder: &Holder,
    lines: &[LogLine],
) -> Result<(), StateError> {
    let lost = || StateError::LeaseLost { id: id.clone() };
    book.job(id).and_then(|job| job.hold_of(holder)).ok_or_else(lost)?;
    for line in lines {
        if let Some(missing) = append_line(book, id, line) {
            return Err(StateError::LogGap { id: id.clone(), missing });
        }
    }
    Ok(())
}

/// Takes the line if it is the next one, ignores what is there, and names the line that is missing before it.
pub(super) fn append_line(book: &mut Book, id: &DeploymentId, line: &LogLine) -> Option<u64> {
    let entry = book.entries.get_mut(id)?;
    let next = entry.log_seq.saturating_add(1);
    if line.seq > next {
        return Some(next);
    }
    if line.seq == next {
        entry.log.push(line.clone());
        entry.log_seq = next;
        book.wake(Topic::Job(id.clone()));
    }
    None
}

pub(super) fn read(book: &Book, id: &DeploymentId, from_seq: u64, max: usize) -> LogPage {
    let Some(entry) = book.entries.get(id) else {
        return LogPage { lines: Vec::new(), closed: true };
    };
    let start = entry.log.partition_point(|line| line.seq < from_seq);
    let mut bytes = 0;
    let fits = |line: &&LogLine| {
        let room = bytes < BUDGET;
        bytes += line.text.len();
        room
    };
    let lines: Vec<LogLine> = entry.log.iter().skip(start).take(max).take_while(fits).cloned().collect();
    let over = matches!(entry.job.standing, Standing::Settling { .. } | Standing::Ended(_));
    let last = lines.last().or(entry.log.last()).map_or(entry.log_seq, |line| line.seq);
    LogPage { closed: over && last >= entry.log_seq, lines }
}

pub(super) fn forget(book: &mut Book, id: &DeploymentId) {
    if let Some(entry) = book.entries.get_mut(id) {
        entry.log = Vec::new();
    }
}
