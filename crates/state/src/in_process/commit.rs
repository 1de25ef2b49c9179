//! What follows from a job that changed: lists, index, phases, events, wake-ups. `redis/commit.lua` does the same.

use super::book::{Book, Entry};
use super::{line, log};
use crate::backend::Step;
use crate::wake::Topic;
use crate::{Change, StateEvent};
use shipstack_types::job::{Job, Standing};
use shipstack_types::{DeploymentId, DeploymentState, ListCursor, PhaseTiming, Timestamp};

/// A job that is taken and given back for ever must not grow for ever.
const MAX_PHASES: usize = 100;

impl Book {
    /// Makes `after` the truth about this job, with everything that follows.
    pub(super) fn commit(&mut self, id: &DeploymentId, after: &Job, step: &Step) {
        let before = self.entries.get(id).map(|entry| entry.job.clone());
        if let Some(span) = line::lasted(before.as_ref(), after, self.now()) {
            line::note_lasted(self, span);
        }
        self.remember(id, after, step);
        self.relist(id, before.as_ref(), after);
        self.reindex(id, after);
        self.list_by_creation(id, before.as_ref(), after);
        self.announce_change(id, before.as_ref(), after);
        if let Some(line) = &step.line {
            log::append_line(self, id, line);
        }
    }

    fn remember(&mut self, id: &DeploymentId, after: &Job, step: &Step) {
        let now = self.now();
        if !self.entries.contains_key(id) {
            self.next_number = self.next_number.saturating_add(1);
        }
        let number = self.next_number;
        let entry = self.entries.entry(id.clone()).or_insert_with(|| Entry {
            job: after.clone(),
            group: step.group.clone().unwrap_or_default(),
            created_at: step.created_at.unwrap_or(now),
            number,
            record: None,
            phases: Vec::new(),
            plan: None,
            log: Vec::new(),
            log_seq: 0,
        });
        note_phase(entry, after, now);
        if let (Standing::Settling { .. }, None, Some(record)) =
            (&after.standing, &entry.record, &step.record)
        {
            entry.record = Some(record.clone());
        }
        if matches!(after.standing, Standing::Ended(_)) {
            (entry.record, entry.plan) = (None, None);
        }
        entry.job = after.clone();
    }

    fn relist(&mut self, id: &DeploymentId, before: Option<&Job>, after: &Job) {
        let was_listed = before.filter(|job| is_listed(job)).map(|job| job.queue);
        let listed = is_listed(after).then_some(after.queue);
        if was_listed == listed {
            return;
        }
        if let Some(queue) = was_listed {
            self.queue(queue).retain(|other| other != id);
        }
        if let Some(queue) = listed {
            // What comes back goes to the front: it has waited before.
            match before.filter(|job| job.queue == queue) {
                Some(_) => self.queue(queue).push_front(id.clone()),
                None => self.queue(queue).push_back(id.clone()),
            }
            self.wake(Topic::Queue(queue));
        }
    }

    fn reindex(&mut self, id: &DeploymentId, after: &Job) {
        let now = self.now();
        let Some(number) = self.entries.get(id).map(|entry| entry.number) else {
            return;
        };
        match &after.standing {
            Standing::Ended(_) => {
                self.unfinished.remove(&number);
                self.settling.remove(id);
            }
            Standing::Settling { .. } => {
                self.settling.entry(id.clone()).or_insert(now);
            }
            _ => {
                self.unfinished.insert(number, id.clone());
            }
        }
        let alive = matches!(&after.standing, Standing::Held(hold) if hold.lease <= now);
        if !alive {
            self.suspects.remove(id);
        }
    }

    fn list_by_creation(&mut self, id: &DeploymentId, before: Option<&Job>, after: &Job) {
        let last = before.map(Job::word);
        if let (Some(entry), true) = (self.entries.get(id), last != Some(after.word())) {
            let place = ListCursor { at: entry.created_at, id: id.clone() };
            self.index.enter(place, last, after.word());
        }
    }

    fn announce_change(&mut self, id: &DeploymentId, before: Option<&Job>, after: &Job) {
        let words = |job: &Job| (job.word(), matches!(job.standing, Standing::Settling { .. }));
        if before.map(words) != Some(words(after)) {
            self.note_event(id, after, Change::State);
        } else if before.map(|job| job.phase) != Some(after.phase) {
            self.note_event(id, after, Change::Phase);
        }
        let seen = |job: &Job| (words(job), job.phase, job.cancel);
        if before.map(seen) != Some(seen(after)) {
            self.wake(Topic::Job(id.clone()));
        }
    }

    fn note_event(&mut self, id: &DeploymentId, after: &Job, change: Change) {
        let settling = matches!(after.standing, Standing::Settling { .. });
        let word = if settling { "settling".to_owned() } else { after.word().to_string() };
        self.push_event(|cursor| StateEvent {
            cursor,
            id: id.clone(),
            word,
            status: after.word(),
            phase: after.phase,
            claim: after.fence(),
            change,
        });
    }
}

/// A job that is to be cancelled is nobody's to take.
fn is_listed(job: &Job) -> bool {
    job.standing == Standing::Waiting && !job.cancel
}

fn note_phase(entry: &mut Entry, after: &Job, now: Timestamp) {
    let over = match &after.standing {
        Standing::Ended(_) => true,
        Standing::Settling { verdict, .. } => verdict.state != DeploymentState::Deployed,
        _ => false,
    };
    // A job that is born ended was restored: its result knows its phases, we do not.
    let changed = if entry.phases.is_empty() { !over } else { entry.job.phase != after.phase };
    if over || changed {
        let lasting = entry.phases.last_mut().filter(|last| last.ended_at.is_none());
        if let Some(last) = lasting {
            last.ended_at = Some(now);
        }
    }
    if changed && entry.phases.len() < MAX_PHASES {
        let ended_at = over.then_some(now);
        entry.phases.push(PhaseTiming { phase: after.phase, started_at: now, ended_at });
    }
}
