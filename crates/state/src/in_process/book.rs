//! The data: jobs, lists, locks, workers, events.

use super::index::Index;
use crate::backend::LockRequest;
use crate::wake::Topic;
use crate::{StateEvent, WorkerPresence, WorkerSeen};
use bytes::Bytes;
use shipstack_types::job::Job;
use shipstack_types::{DeploymentId, LogLine, PhaseTiming, PlanView, QueueName, Timestamp, WorkerId};
use std::collections::{BTreeMap, HashMap, VecDeque};
use std::time::Duration;

/// As many events are kept as Redis keeps.
const MAX_EVENTS: usize = 10_000;

/// A job and what belongs to it.
#[derive(Debug)]
pub(super) struct Entry {
    pub(super) job: Job,
    pub(super) group: String,
    /// When it was accepted: its place in the index.
    pub(super) created_at: Timestamp,
    /// When it became known, as a running number: the order of reconcile.
    pub(super) number: u64,
    pub(super) record: Option<Bytes>,
    pub(super) phases: Vec<PhaseTiming>,
    /// What the holder decided to do, until the end.
    pub(super) plan: Option<PlanView>,
    pub(super) log: Vec<LogLine>,
    pub(super) log_seq: u64,
}

/// Two looks at an expired lease: which claim, and when the first was.
#[derive(Clone, Copy, Debug)]
pub(super) struct Suspect {
    pub(super) fence: u32,
    pub(super) since: Timestamp,
}

#[derive(Debug, Default)]
pub(super) struct Book {
    now: Timestamp,
    /// When this book began: cursors of another one are not ours.
    epoch: Timestamp,
    pub(super) entries: HashMap<DeploymentId, Entry>,
    pub(super) unfinished: BTreeMap<u64, DeploymentId>,
    pub(super) next_number: u64,
    intake: VecDeque<DeploymentId>,
    build: VecDeque<DeploymentId>,
    pub(super) suspects: HashMap<DeploymentId, Suspect>,
    /// When a decided outcome that nobody settled is pointed out again.
    pub(super) settling: HashMap<DeploymentId, Timestamp>,
    pub(super) no_reaping_before: Timestamp,
    pub(super) index_complete: bool,
    locks: HashMap<String, (WorkerId, Timestamp)>,
    /// Who is there, and until when that counts.
    workers: BTreeMap<WorkerId, (WorkerSeen, Timestamp)>,
    pub(super) events: VecDeque<StateEvent>,
    next_event: u64,
    pub(super) index: Index,
    /// How long the last builds held their slots, newest first.
    pub(super) lasted: VecDeque<Duration>,
    woken: Vec<Topic>,
}

impl Book {
    /// Every call sees one time from its beginning to its end.
    pub(super) fn begin(&mut self, now: Timestamp) {
        self.now = now;
    }

    pub(super) fn now(&self) -> Timestamp {
        self.now
    }

    pub(super) fn job(&self, id: &DeploymentId) -> Option<&Job> {
        self.entries.get(id).map(|entry| &entry.job)
    }

    /// A book that begins now.
    pub(super) fn new(now: Timestamp) -> Self {
        Self { epoch: now, ..Self::default() }
    }

    pub(super) fn epoch(&self) -> Timestamp {
        self.epoch
    }

    /// The cursor of the newest event, or of the beginning.
    pub(super) fn newest_cursor(&self) -> String {
        format!("{}-{}", self.epoch.as_millis(), self.next_event)
    }

    /// Events after a cursor; `None` when it is not of this book, or what followed it is forgotten.
    pub(super) fn events_after(&self, cursor: &str) -> Option<impl Iterator<Item = &StateEvent>> {
        let (epoch, number) = cursor.split_once('-')?;
        let known = |known: &u64| *known <= self.next_event && known.to_string() == number;
        let number: u64 = number.parse().ok().filter(known)?;
        let forgotten = self.next_event.saturating_sub(u64::try_from(self.events.len()).ok()?);
        let skipped = usize::try_from(number.checked_sub(forgotten)?).ok()?;
        (epoch == self.epoch.as_millis().to_string()).then(|| self.events.iter().skip(skipped))
    }

    /// The list of a queue; the oldest is in front.
    pub(super) fn queue(&mut self, queue: QueueName) -> &mut VecDeque<DeploymentId> {
        match queue {
            QueueName::Intake => &mut self.intake,
            QueueName::Build => &mut self.build,
        }
    }

    pub(super) fn push_event(&mut self, event: impl FnOnce(String) -> StateEvent) {
        self.next_event = self.next_event.saturating_add(1);
        let cursor = self.newest_cursor();
        self.events.push_back(event(cursor));
        if self.events.len() > MAX_EVENTS {
            self.events.pop_front();
        }
        self.wake(Topic::Events);
    }

    pub(super) fn wake(&mut self, topic: Topic) {
        if !self.woken.contains(&topic) {
            self.woken.push(topic);
        }
    }

    pub(super) fn take_woken(&mut self) -> Vec<Topic> {
        std::mem::take(&mut self.woken)
    }

    pub(super) fn try_lock(&mut self, request: LockRequest<'_>) -> bool {
        let free = self
            .locks
            .get(request.name)
            .is_none_or(|(holder, until)| holder == request.holder || *until <= self.now);
        if free {
            let until = self.now.plus(request.lease);
            self.locks.insert(request.name.to_owned(), (request.holder.clone(), until));
        }
        free
    }

    pub(super) fn unlock(&mut self, name: &str, holder: &WorkerId) {
        if self.locks.get(name).is_some_and(|(owner, _)| owner == holder) {
            self.locks.remove(name);
        }
    }

    pub(super) fn announce(&mut self, presence: &WorkerPresence, at_most: Duration) {
        let until = self.now.plus(at_most);
        let seen = WorkerSeen { presence: presence.clone(), seen_at: self.now };
        self.workers.insert(presence.worker.clone(), (seen, until));
    }

    pub(super) fn workers(&mut self) -> Vec<WorkerSeen> {
        let now = self.now;
        self.workers.retain(|_, (_, until)| *until > now);
        self.workers.values().map(|(seen, _)| seen.clone()).collect()
    }
}
