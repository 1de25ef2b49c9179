//! The state of one machine: plain data behind a mutex, moved by the transition table alone.
//!
//! Guarantees what Redis guarantees but survival: it dies with the process and is rebuilt by the reindex. No call
//! waits on anything but the mutex, which is never held across an await.

mod book;
mod commit;
mod house;
mod index;
mod line;
mod log;
mod take;
mod views;

use crate::backend::{Absence, Applied, Applying, Backend, LockRequest, Step};
use crate::line::BuildLine;
use crate::wake::{Topic, Wakeups};
use crate::{
    Audit, Claim, ClaimRequest, DeadLetter, EventPage, IndexEntry, IndexQuery, IndexRun, JobView, LogPage,
    Outcome, Reaped, Repair, Reservation, Reserved, StateError, Timing, Warning, WorkerPresence, WorkerSeen,
};
use book::Book;
use shipstack_types::job::{self, Holder, Standing};
use shipstack_types::{
    Clock, DeploymentId, DeploymentState, ListCursor, LogLine, PlanView, QueueName, Timestamp, WorkerId,
};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

#[derive(Debug)]
pub(crate) struct InProcess {
    book: Mutex<Book>,
    wakeups: Wakeups,
    clock: Arc<dyn Clock>,
    timing: Timing,
}

impl InProcess {
    pub(crate) fn new(timing: Timing, clock: Arc<dyn Clock>) -> Self {
        Self { book: Mutex::new(Book::new(clock.now())), wakeups: Wakeups::default(), clock, timing }
    }

    /// Runs `change` on the book, then sends the wake-ups that it left there.
    fn with<T>(&self, change: impl FnOnce(&mut Book) -> T) -> T {
        // A panic between two changes of the book would be a bug of ours; its parts are changed one job at a time,
        // so going on is better than taking every job down.
        let mut book = self.book.lock().unwrap_or_else(PoisonError::into_inner);
        book.begin(self.clock.now());
        let answer = change(&mut book);
        let woken = book.take_woken();
        drop(book);
        for topic in &woken {
            self.wakeups.wake(topic);
        }
        answer
    }
}

impl Backend for InProcess {
    fn wakeups(&self) -> &Wakeups {
        &self.wakeups
    }

    async fn check(&self) -> Result<Vec<Warning>, StateError> {
        Ok(Vec::new())
    }

    async fn apply(&self, id: &DeploymentId, step: &Step) -> Applying {
        Ok(self.with(|book| {
            let after = job::apply(book.job(id), &step.event, book.now(), &self.timing.rules)?;
            let applied = Applied { cancel: after.cancel, held: matches!(after.standing, Standing::Held(_)) };
            book.commit(id, &after, step);
            Ok(applied)
        }))
    }

    async fn wait_for_work(&self, queue: QueueName, at_most: Duration) -> Result<(), StateError> {
        let mut waiter = self.wakeups.register(Topic::Queue(queue));
        if self.with(|book| book.queue(queue).is_empty()) {
            waiter.wait(at_most).await;
        }
        Ok(())
    }

    async fn claim_next(
        &self,
        queue: QueueName,
        request: &ClaimRequest,
    ) -> Result<Option<Claim>, StateError> {
        Ok(self.with(|book| take::claim_next(book, queue, request, &self.timing.rules)))
    }

    async fn sweep(
        &self,
        queue: QueueName,
        worker: &WorkerId,
        in_hands: &[DeploymentId],
    ) -> Result<u32, StateError> {
        Ok(self.with(|book| take::sweep(book, (queue, worker), in_hands, &self.timing)))
    }

    async fn reap(&self, absence: Absence) -> Result<Vec<Reaped>, StateError> {
        Ok(self.with(|book| house::reap(book, absence, &self.timing)))
    }

    async fn promote_due(&self) -> Result<u32, StateError> {
        Ok(self.with(|book| house::promote_due(book, &self.timing.rules)))
    }

    async fn unfinished(&self, cursor: u64) -> Result<(Vec<DeploymentId>, u64), StateError> {
        Ok(self.with(|book| house::unfinished(book, cursor)))
    }

    async fn repair(&self, id: &DeploymentId) -> Result<Repair, StateError> {
        Ok(self.with(|book| house::repair(book, id)))
    }

    async fn audit(&self, id: &DeploymentId) -> Result<Option<Audit>, StateError> {
        Ok(self.with(|book| house::audit(book, id, &self.timing)))
    }

    async fn up_since(&self) -> Result<Timestamp, StateError> {
        Ok(self.with(|book| book.epoch()))
    }

    async fn outcome(&self, id: &DeploymentId) -> Result<Option<Outcome>, StateError> {
        Ok(self.with(|book| views::outcome(book, id)))
    }

    async fn status(&self, id: &DeploymentId) -> Result<Option<DeploymentState>, StateError> {
        Ok(self.with(|book| book.job(id).map(job::Job::word)))
    }

    async fn job(&self, id: &DeploymentId) -> Result<Option<JobView>, StateError> {
        Ok(self.with(|book| views::job(book, id)))
    }

    async fn append_log(
        &self,
        id: &DeploymentId,
        holder: &Holder,
        lines: &[LogLine],
    ) -> Result<(), StateError> {
        self.with(|book| log::append(book, id, holder, lines))
    }

    async fn note_plan(&self, id: &DeploymentId, holder: &Holder, plan: &PlanView) -> Result<(), StateError> {
        self.with(|book| take::note_plan(book, id, holder, plan))
    }

    async fn read_log(&self, id: &DeploymentId, from_seq: u64, max: usize) -> Result<LogPage, StateError> {
        Ok(self.with(|book| log::read(book, id, from_seq, max)))
    }

    async fn drop_log(&self, id: &DeploymentId) -> Result<(), StateError> {
        self.with(|book| log::forget(book, id));
        Ok(())
    }

    async fn index_complete(&self) -> Result<bool, StateError> {
        Ok(self.with(|book| book.index_complete))
    }

    async fn index_run(&self) -> Result<IndexRun, StateError> {
        Ok(IndexRun::default())
    }

    async fn mark_index_complete(&self, _: &IndexRun) -> Result<(), StateError> {
        self.with(|book| book.index_complete = true);
        Ok(())
    }

    async fn try_lock(&self, request: LockRequest<'_>) -> Result<bool, StateError> {
        Ok(self.with(|book| book.try_lock(request)))
    }

    async fn unlock(&self, name: &str, holder: &WorkerId) -> Result<(), StateError> {
        self.with(|book| book.unlock(name, holder));
        Ok(())
    }

    async fn dead_letters(&self, _max: usize) -> Result<Vec<DeadLetter>, StateError> {
        // Nobody but us can push here, and we push ids.
        Ok(Vec::new())
    }

    async fn announce(&self, presence: &WorkerPresence, at_most: Duration) -> Result<(), StateError> {
        self.with(|book| book.announce(presence, at_most));
        Ok(())
    }

    async fn workers(&self) -> Result<Vec<WorkerSeen>, StateError> {
        Ok(self.with(Book::workers))
    }

    async fn list(&self, query: &IndexQuery) -> Result<Vec<IndexEntry>, StateError> {
        Ok(self.with(|book| index::list(book, query)))
    }

    async fn forget(&self, id: &DeploymentId) -> Result<bool, StateError> {
        Ok(self.with(|book| index::forget(book, id)))
    }

    async fn add_child(
        &self,
        parent: &DeploymentId,
        child: &DeploymentId,
        at: Timestamp,
    ) -> Result<(), StateError> {
        self.with(|book| index::add_child(book, parent, ListCursor { at, id: child.clone() }));
        Ok(())
    }

    async fn children(&self, parent: &DeploymentId, most: usize) -> Result<Vec<DeploymentId>, StateError> {
        Ok(self.with(|book| index::children(book, parent, most)))
    }

    async fn reserve(&self, wanted: &Reservation) -> Result<Reserved, StateError> {
        Ok(self.with(|book| index::reserve(book, wanted)))
    }

    async fn newest_event(&self) -> Result<String, StateError> {
        Ok(self.with(|book| book.newest_cursor()))
    }

    async fn events(&self, after: &str, max: usize) -> Result<Option<EventPage>, StateError> {
        Ok(self.with(|book| views::events(book, after, max)))
    }

    async fn build_line(&self, id: &DeploymentId) -> Result<Option<BuildLine>, StateError> {
        Ok(self.with(|book| line::build_line(book, id)))
    }

    async fn waiting_beside(&self, id: &DeploymentId) -> Result<Vec<DeploymentId>, StateError> {
        Ok(self.with(|book| views::waiting_beside(book, id)))
    }

    async fn queue_length(&self, queue: QueueName) -> Result<u64, StateError> {
        Ok(self.with(|book| u64::try_from(book.queue(queue).len()).unwrap_or(u64::MAX)))
    }
}
