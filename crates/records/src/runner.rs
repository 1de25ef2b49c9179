//! The loop of a worker on one queue: claim, keep alive, run, and bring the job to its end or back into the queue.
//!
//! Guarantees: at most `slots` jobs at once; with `soft` no new claim, running jobs may finish within the drain window
//! and are handed back after it without costing an attempt; with `hard` they are handed back at once. The function
//! returns when nothing is held any more.

use crate::heartbeat::Heartbeats;
use crate::job::{Handler, Job, JobEnd, StopReason, StopSignal};
use crate::log::LogBounds;
use crate::outcome::{BuildReport, Ending};
use crate::{JobLog, Records, RecordsError};
use shipstack_service::{Counted, DeploymentTrace, Metric, claim_span, failpoint};
use shipstack_state::{Claim, ClaimRequest, Decider, Decision, HandBack, HandedBack, StateError};
use shipstack_types::job::Refusal;
use shipstack_types::{Birth, Code, DeploymentId, Failure, Fault, Phase, QueueName};
use std::collections::HashMap;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio::task::{JoinHandle, JoinSet};
use tokio_util::sync::CancellationToken;
use tracing::{Instrument as _, Span};

/// Rests after a platform fault, by attempt (reliability.md §2).
const RETRY_AFTER: [Duration; 2] = [Duration::from_secs(2), Duration::from_secs(10)];
/// Pause after an error of the state, so that an absent Redis is not hammered.
const ERROR_PAUSE: Duration = Duration::from_millis(500);
/// Between two looks at a store that does not answer.
const STORE_PAUSE: Duration = Duration::from_secs(1);
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
    /// Takes jobs until `soft`, which a hard stop implies, or until it has its only one. A claim that was asked for is always waited for: dropped in
    /// the middle it would be held by nobody until the reaper finds it.
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

    async fn work(&self, claim: Claim, claimed_at: Instant) {
        let stop = StopSignal::default();
        self.with_running(|running| running.insert(claim.id.clone(), stop.clone()));
        self.heartbeats.hold(claim.clone(), stop.clone(), claimed_at);
        match self.run(&claim, &stop).await {
            Ok(()) => {}
            Err(RecordsError::State(StateError::LeaseLost { .. })) => {
                tracing::warn!(deployment.id = %claim.id, "the lease was lost; nothing of this claim is shown");
            }
            Err(error) => self.could_not_run(&claim, &error).await,
        }
        self.heartbeats.release(&claim);
        self.with_running(|running| running.remove(&claim.id));
    }

    /// A job that the platform could not even begin, or not end. When its attempts are used up it ends with what went
    /// wrong: the reaper would only know that its holder gave up.
    async fn could_not_run(&self, claim: &Claim, error: &RecordsError) {
        tracing::warn!(deployment.id = %claim.id, %error, "the job goes back");
        let back = self.back_after(error.code(), claim).await;
        if self.hand_back(claim, back).await {
            return;
        }
        let phase = match H::QUEUE {
            QueueName::Intake => Phase::Cloning,
            QueueName::Build => Phase::Preparing,
        };
        let ending = Ending::Failed(Failure::new(phase, error.code()));
        let by = Decider::Holder(claim);
        if let Err(error) = self.records.conclude(by, &claim.id, BuildReport::default(), ending).await {
            tracing::warn!(deployment.id = %claim.id, %error, "its end is left to the reaper");
        }
    }

    /// How a job goes back after this. A store that is away, or full, is no job's fault: it costs no attempt, and no
    /// further job is taken until the store answers again. One that answers may well have an object that never will.
    async fn back_after(&self, code: Code, claim: &Claim) -> HandBack {
        let is_store = matches!(code, Code::StoreUnavailable | Code::DiskFull);
        if is_store && self.records.store.check().await.is_err() {
            self.store_in_doubt.store(true, Ordering::Relaxed);
            return HandBack::Drain;
        }
        platform_rest(claim.attempt)
    }

    /// Waits until a store that failed a job answers again.
    async fn store_answers(&self) {
        while self.store_in_doubt.load(Ordering::Relaxed) {
            match self.records.store.check().await {
                Ok(()) => self.store_in_doubt.store(false, Ordering::Relaxed),
                Err(error) => {
                    tracing::warn!(%error, "no job is taken while the store does not answer");
                    tokio::time::sleep(STORE_PAUSE).await;
                }
            }
        }
    }

    async fn run(&self, claim: &Claim, stop: &StopSignal) -> Result<(), RecordsError> {
        // The heartbeat carries a cancellation too, but only every few seconds.
        let _told = self.listen_for_cancel(claim.clone(), stop.clone());
        let Some(birth) = self.records.begin(claim).await? else { return Ok(()) };
        DeploymentTrace::of(&birth).goes_on_in(&Span::current());
        tracing::info!(deployment.id = %claim.id, claim = claim.number.get(), attempt = claim.attempt, "job taken");
        let records = self.records.clone();
        let earlier = records.earlier_log(claim, &birth).await?;
        let bounds = LogBounds { earlier, cap_bytes: self.config.log_bytes };
        let (log, carrier) = JobLog::open(&records, claim, bounds, stop.lost().clone());
        let job = Arc::new(Job::new(claim.clone(), birth, log, records, stop.clone()));
        let end = self.handler.run(Arc::clone(&job)).await;
        let after = self.finish(&job, end, carrier).await;
        if !matches!(after, Ok(After::Ended)) {
            job.log.keep(&self.records, claim).await;
        }
        after.map(drop)
    }

    /// Stops the job as soon as somebody cancels it; the listening ends when the returned handle is dropped.
    fn listen_for_cancel(&self, claim: Claim, stop: StopSignal) -> JoinSet<()> {
        let state = self.records.state.clone();
        let mut listening = JoinSet::new();
        listening.spawn(async move {
            state.cancel_requested(&claim).await;
            if state.job(&claim.id).await.is_ok_and(|job| job.is_some_and(|job| job.cancel)) {
                stop.stop(StopReason::Cancelled);
            }
        });
        listening
    }

    /// Brings a job that its handler is done with to its end, to its next queue, or back.
    async fn finish(&self, job: &Job, end: JobEnd, carrier: JoinHandle<()>) -> Result<After, RecordsError> {
        if let (JobEnd::Finished(_), None) = (&end, job.stop_reason()) {
            job.enter(Phase::Publishing).await?;
        } else {
            job.leave_phase();
        }
        say(job, &end);
        job.log.close();
        // The log is complete before anything is decided: appending is refused from then on.
        tokio::select! {
            _ = carrier => {}
            () = job.stop.lost().cancelled() => return Ok(After::GoesOn),
        }
        match (end, job.stop_reason()) {
            (_, Some(StopReason::LeaseLost)) => Ok(After::GoesOn),
            (_, Some(StopReason::Cancelled)) => self.end(job, job.report_so_far(), Ending::Cancelled).await,
            (JobEnd::SourceReady, _) => self.source_ready(job).await,
            (JobEnd::Finished(report), _) => self.end(job, *report, Ending::Deployed).await,
            (JobEnd::Failed(report, failure), _) => self.failed(job, *report, failure).await,
            (JobEnd::Stopped, _) => {
                self.hand_back(&job.claim, HandBack::Drain).await;
                Ok(After::GoesOn)
            }
        }
    }

    async fn failed(&self, job: &Job, report: BuildReport, failure: Failure) -> Result<After, RecordsError> {
        let again = failure.fault == Fault::Platform && failure.retryable;
        if again {
            let back = self.back_after(failure.code, &job.claim).await;
            if self.hand_back(&job.claim, back).await {
                return Ok(After::GoesOn);
            }
        }
        self.end(job, report, Ending::Failed(failure)).await
    }

    /// The snapshot is stored; a cancellation that came before it was told counts.
    async fn source_ready(&self, job: &Job) -> Result<After, RecordsError> {
        self.supersede_older(&job.birth).await;
        match self.records.state.source_ready(&job.claim).await {
            Err(StateError::Refused { refusal: Refusal::Cancelled, .. }) => {
                self.end(job, job.report_so_far(), Ending::Cancelled).await
            }
            told => Ok(told.map(|()| After::GoesOn)?),
        }
    }

    /// What was being fetched when this one was accepted may wait by now. That it fails changes nothing of this one.
    async fn supersede_older(&self, birth: &Birth) {
        if !birth.supersede {
            return;
        }
        if let Err(error) = self.records.supersede_older(birth).await {
            tracing::warn!(deployment.id = %birth.id, %error, "what it supersedes may still be built");
        }
    }

    async fn end(&self, job: &Job, report: BuildReport, ending: Ending) -> Result<After, RecordsError> {
        failpoint::reach("decide").await;
        let by = Decider::Holder(&job.claim);
        if self.records.decide(by, &job.birth, report, ending).await? == Decision::CancelRequested {
            self.records.decide(by, &job.birth, job.report_so_far(), Ending::Cancelled).await?;
        }
        failpoint::reach("settle").await;
        let heard = job.log.whole();
        let settling = self.records.settle_until(&job.claim.id, &heard, &self.config.hard);
        let ended = settling.instrument(job.trace().span("settle")).await;
        Ok(if ended { After::Ended } else { After::GoesOn })
    }

    /// Gives a job back; `false` when its attempts are used up, so that its failure has to be decided.
    async fn hand_back(&self, claim: &Claim, why: HandBack) -> bool {
        match self.records.state.hand_back(claim, why).await {
            Ok(HandedBack::AttemptsUsedUp) => false,
            Ok(_) => true,
            Err(error) => {
                // The lease runs out and the reaper does the same, only later.
                tracing::warn!(deployment.id = %claim.id, %error, "the job could not be handed back");
                true
            }
        }
    }
}

/// What becomes of a job whose holder is done with it.
enum After {
    /// Its end is visible.
    Ended,
    /// It goes on in other hands, which need its log.
    GoesOn,
}

/// The end in the log, in words.
fn say(job: &Job, end: &JobEnd) {
    match (end, job.stop_reason()) {
        (_, Some(StopReason::Cancelled)) => job.log.system("Cancelled."),
        (_, Some(StopReason::Drain)) => {
            job.log.system("The worker shuts down; the job goes back into the queue.");
        }
        (JobEnd::Failed(_, failure), _) => {
            job.log.system(format!("{}: {}", failure.code, failure.message));
            job.log.system(failure.remedy.clone());
        }
        _ => {}
    }
}

fn platform_rest(attempt: u32) -> HandBack {
    let place = usize::try_from(attempt.saturating_sub(1)).unwrap_or(usize::MAX);
    let [_, longest] = RETRY_AFTER;
    HandBack::PlatformFault { retry_after: RETRY_AFTER.get(place).copied().unwrap_or(longest) }
}
