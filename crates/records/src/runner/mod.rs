//! The loop of a worker on one queue: claim, keep alive, run, and bring the job to its end or back into the queue.
//!
//! Guarantees: at most `slots` jobs at once; with `soft` no new claim, running jobs may finish within the drain window
//! and are handed back after it without costing an attempt; with `hard` they are handed back at once. The function
//! returns when nothing is held any more.

mod back;
mod claim;
mod finish;

use crate::heartbeat::Heartbeats;
use crate::job::{Handler, StopReason, StopSignal};
use crate::{Records, RecordsError};
use shipstack_service::{Counted, Metric, claim_span};
use shipstack_state::{Claim, ClaimRequest, StateError};
use shipstack_types::DeploymentId;
use std::collections::HashMap;
use std::sync::atomic::AtomicBool;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio::task::JoinSet;
use tokio_util::sync::CancellationToken;
use tracing::Instrument as _;

/// Pause after an error of the state, so that an absent Redis is not hammered.
const ERROR_PAUSE: Duration = Duration::from_millis(500);
/// How often what is in this worker's name but not in its hands goes back (reliability.md §2).
const SWEEP_EVERY: Duration = Duration::from_secs(10);

/// How many jobs a worker takes in its life.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Take {
    /// One after the other, until told to stop.
    Forever,
    /// One, whatever becomes of it. Nothing comes within `patience` of the worker being ready: none.
    One {
        /// How long to wait for it.
        patience: Duration,
    },
}

/// How a queue is worked on.
#[derive(Clone, Debug)]
pub struct RunnerConfig {
    /// Jobs in all.
    pub take: Take,
    /// Jobs at once.
    pub slots: usize,
    /// How long running jobs may finish after `soft`.
    pub drain: Duration,
    /// Cap on one job's log, in bytes.
    pub log_bytes: u64,
    /// No new claim.
    pub soft: CancellationToken,
    /// Everything goes back.
    pub hard: CancellationToken,
    /// Whether the worker may take jobs now: a worker whose engine is away says no.
    pub ready: tokio::sync::watch::Receiver<bool>,
}

/// Works on the handler's queue until told to stop, or until what it was to take is done.
pub async fn run_queue<H: Handler>(
    records: Records,
    handler: Arc<H>,
    config: RunnerConfig,
) -> Result<(), RecordsError> {
    Metric::SlotsOffered
        .set(f64::from(u32::try_from(config.slots).unwrap_or(u32::MAX)), &[H::QUEUE.as_str()]);
    let (heartbeats, thread) = Heartbeats::start(records.state.clone())?;
    let runner = Arc::new(Runner {
        records,
        handler,
        heartbeats,
        config,
        running: Mutex::default(),
        store_in_doubt: AtomicBool::new(false),
    });
    let mut jobs = JoinSet::new();
    tokio::select! {
        () = runner.clone().take_jobs(&mut jobs) => {}
        () = runner.sweep_forever() => {}
    }
    runner.drain(&mut jobs).await;
    thread.stop().await;
    Ok(())
}

impl Take {
    fn has_no_patience(self, waited: Duration) -> bool {
        matches!(self, Self::One { patience } if waited >= patience)
    }
}

struct Runner<H> {
    records: Records,
    handler: Arc<H>,
    heartbeats: Heartbeats,
    config: RunnerConfig,
    running: Mutex<HashMap<DeploymentId, StopSignal>>,
    /// The store failed a job and has not answered since.
    store_in_doubt: AtomicBool,
}

impl<H: Handler> Runner<H> {
    /// Takes jobs until `soft`, which a hard stop implies, or until it has its only one. A claim that was asked for is
    /// always waited for: dropped in the middle it would be held by nobody until the reaper finds it.
    async fn take_jobs(self: Arc<Self>, jobs: &mut JoinSet<()>) {
        let soft = self.config.soft.clone();
        let slots = Arc::new(Semaphore::new(self.config.slots));
        let mut first_asked = None;
        while let Some(Some(slot)) = soft.run_until_cancelled(self.free_slot(&slots)).await {
            while jobs.try_join_next().is_some() {}
            let claimed_at = Instant::now();
            let waited = first_asked.get_or_insert(claimed_at).elapsed();
            let request = ClaimRequest { worker: self.records.worker.clone(), nonce: rand::random() };
            match self.records.state.claim_next(H::QUEUE, &request).await {
                Ok(Some(claim)) => {
                    Arc::clone(&self).start(jobs, claim, claimed_at, slot);
                    if self.config.take != Take::Forever {
                        return;
                    }
                }
                Ok(None) if self.config.take.has_no_patience(waited) => return,
                Ok(None) => drop(soft.run_until_cancelled(self.wait_for_work()).await),
                Err(error) => self.pause_after(&error).await,
            }
        }
    }

    fn start(self: Arc<Self>, jobs: &mut JoinSet<()>, claim: Claim, at: Instant, slot: OwnedSemaphorePermit) {
        let span = claim_span(H::QUEUE.as_str(), &claim.id);
        let work = async move {
            let _busy = Counted::one(Metric::SlotsBusy, H::QUEUE.as_str());
            self.work(claim, at).await;
            drop(slot);
        };
        jobs.spawn(work.instrument(span));
    }

    /// A free slot, once the worker may take jobs at all; `None` when there will never be one.
    async fn free_slot(&self, slots: &Arc<Semaphore>) -> Option<OwnedSemaphorePermit> {
        let slot = Arc::clone(slots).acquire_owned().await.ok()?;
        let mut ready = self.config.ready.clone();
        ready.wait_for(|ready| *ready).await.ok()?;
        self.store_answers().await;
        Some(slot)
    }

    async fn wait_for_work(&self) {
        if let Err(error) = self.records.state.wait_for_work(H::QUEUE).await {
            self.pause_after(&error).await;
        }
    }

    async fn pause_after(&self, error: &StateError) {
        tracing::warn!(%error, "no job can be taken now");
        tokio::time::sleep(ERROR_PAUSE).await;
    }

    async fn sweep_forever(&self) {
        loop {
            tokio::time::sleep(SWEEP_EVERY).await;
            let in_hands: Vec<_> = self.with_running(|running| running.keys().cloned().collect());
            match self.records.state.sweep(H::QUEUE, &self.records.worker, &in_hands).await {
                Ok(0) => {}
                Ok(count) => tracing::warn!(count, "jobs whose claim was never heard of went back"),
                Err(error) => tracing::debug!(%error, "sweep waits for the state"),
            }
        }
    }

    async fn drain(&self, jobs: &mut JoinSet<()>) {
        let all_done = async { while jobs.join_next().await.is_some() {} };
        tokio::pin!(all_done);
        // The window opens when somebody says stop, which nobody has said to a worker that took its only job.
        tokio::select! {
            () = &mut all_done => return,
            () = self.config.soft.cancelled() => {}
        }
        tokio::select! {
            () = &mut all_done => return,
            () = self.config.hard.cancelled() => {}
            () = tokio::time::sleep(self.config.drain) => {}
        }
        self.with_running(|running| running.values().for_each(|stop| stop.stop(StopReason::Drain)));
        all_done.await;
    }

    fn with_running<T>(&self, use_it: impl FnOnce(&mut HashMap<DeploymentId, StopSignal>) -> T) -> T {
        use_it(&mut self.running.lock().unwrap_or_else(PoisonError::into_inner))
    }
}
