//! Logs: how the holder of a job writes one, how it is kept and archived, and how it is read.
//!
//! Here is the writing end: lines get their number, are capped, and flow to the state in the background. Writing never
//! waits: a slow or absent Redis does not stall a build, it only lets the buffer grow, and the cap bounds that. Here, and
//! nowhere else, a line loses the secrets that it says.

mod archive;
mod archived;
mod buffer;
mod decoder;
mod kept;
mod mask;
mod reader;
mod whole;

pub use decoder::LogDecoder;
pub use mask::{HiddenSearch, HiddenValues};
pub use reader::{LogPiece, LogReader};
pub(crate) use whole::ArchivedLines;

use crate::Records;
use buffer::Buffer;
use shipstack_service::Metric;
use shipstack_state::{Claim, StateError};
use shipstack_types::{Clock, LogLine, LogStream, Phase};
use std::collections::BTreeMap;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError, RwLock};
use std::time::Duration;
use tokio::sync::Notify;
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;

const RETRY_AFTER: Duration = Duration::from_millis(500);

/// The writing end of a job's log. Cheap to clone.
#[derive(Clone)]
pub struct JobLog {
    shared: Arc<Shared>,
}

struct Shared {
    buffer: Mutex<Buffer>,
    /// Nothing where there is nothing to mask.
    hidden: RwLock<HiddenValues>,
    changed: Notify,
    clock: Arc<dyn Clock>,
    attempt: u32,
    /// It was left in the store for the next holder.
    kept: AtomicBool,
}

/// Where a log begins and how much of it there may be.
pub(crate) struct LogBounds {
    /// What earlier claims said and the state may have lost; see [`Records::earlier_log`].
    pub(crate) earlier: Vec<LogLine>,
    /// About as much text is kept of this claim, in bytes.
    pub(crate) cap_bytes: u64,
}

impl JobLog {
    /// A log for this claim, and the task that carries it to the state. The task ends when the log is closed and empty,
    /// and when the claim is lost: then it leaves the log in the store for the next holder.
    pub(crate) fn open(
        records: &Records,
        claim: &Claim,
        bounds: LogBounds,
        lost: CancellationToken,
    ) -> (Self, JoinHandle<()>) {
        let mut buffer = Buffer::new(claim.next_log_seq, bounds.cap_bytes);
        buffer.go_on_behind(bounds.earlier);
        let shared = Shared {
            buffer: Mutex::new(buffer),
            hidden: RwLock::default(),
            changed: Notify::new(),
            clock: Arc::clone(&records.clock),
            attempt: claim.attempt,
            kept: AtomicBool::new(false),
        };
        let log = Self { shared: Arc::new(shared) };
        let carrier = Carrier { log: log.clone(), records: records.clone(), claim: claim.clone(), lost };
        let task = tokio::spawn(carrier.carry());
        (log, task)
    }

    /// Writes a line of ours.
    pub fn system(&self, text: impl Into<String>) {
        self.write(LogStream::System, text.into());
    }

    /// From here on the values of these variables are `***` in every line, and no longer those that were named before.
    /// `deploy/docs/security.md` says which values, and in which forms.
    pub fn hide(&self, env: &BTreeMap<String, String>) {
        *self.shared.hidden.write().unwrap_or_else(PoisonError::into_inner) = HiddenValues::of(env);
    }

    /// The values that this log hides now, to look for them elsewhere.
    #[must_use]
    pub fn hidden(&self) -> HiddenValues {
        self.shared.hidden.read().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// A text as this log would say it, for what is said elsewhere too.
    #[must_use]
    pub fn masked(&self, text: String) -> String {
        match self.hidden().0 {
            Some(mask) => mask.apply(text),
            None => text,
        }
    }

    /// Writes one line of text; never waits.
    pub fn write(&self, stream: LogStream, text: String) {
        let line = self.line(stream, self.masked(text));
        self.with_buffer(|buffer| buffer.push(line));
        self.shared.changed.notify_one();
    }

    fn line(&self, stream: LogStream, text: String) -> LogLine {
        let (at, attempt) = (self.shared.clock.now(), self.shared.attempt);
        LogLine { seq: 0, at, stream, phase: self.with_buffer(|buffer| buffer.phase), attempt, text }
    }

    /// The phase of the lines that follow.
    pub fn set_phase(&self, phase: Phase) {
        self.with_buffer(|buffer| buffer.phase = phase);
    }

    /// Says that nothing follows: the marker and the tail are appended. Await the task to know it is all stored.
    pub(crate) fn close(&self) {
        let marker = self.line(LogStream::System, String::new());
        self.with_buffer(|buffer| buffer.close(&marker));
        self.shared.changed.notify_one();
    }

    /// The whole log as far as it has been said; nothing when its beginning is not known.
    pub(crate) fn whole(&self) -> Vec<LogLine> {
        self.with_buffer(|buffer| buffer.whole())
    }

    /// Leaves the log in the store for the next holder of the job, once; as far as the store can be reached.
    pub(crate) async fn keep(&self, records: &Records, claim: &Claim) {
        let whole = self.whole();
        if whole.is_empty() || self.shared.kept.swap(true, Ordering::Relaxed) {
            return;
        }
        if let Err(error) = records.keep_log(claim, &whole).await {
            tracing::warn!(deployment.id = %claim.id, %error, "the log was not kept for the next attempt");
        }
    }

    fn with_buffer<T>(&self, use_it: impl FnOnce(&mut Buffer) -> T) -> T {
        use_it(&mut self.shared.buffer.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

/// What carries a log to the state.
struct Carrier {
    log: JobLog,
    records: Records,
    claim: Claim,
    lost: CancellationToken,
}

enum Pause {
    Retry,
    Lost,
}

impl Carrier {
    async fn carry(self) {
        if !self.deliver().await {
            self.log.keep(&self.records, &self.claim).await;
        }
    }

    /// Until the log is closed and empty; `false` when the claim was lost before.
    async fn deliver(&self) -> bool {
        if !self.recall().await {
            return false;
        }
        loop {
            let (batch, closed) = self.log.with_buffer(|buffer| (buffer.batch(), buffer.closed));
            if batch.is_empty() && closed {
                return true;
            }
            let pause = if batch.is_empty() { None } else { self.append(&batch).await };
            let still_held = match pause {
                Some(Pause::Lost) => false,
                Some(Pause::Retry) => self.pause().await,
                None if batch.is_empty() => {
                    self.lost.run_until_cancelled(self.log.shared.changed.notified()).await.is_some()
                }
                None => true,
            };
            if !still_held {
                return false;
            }
        }
    }

    /// Whether the claim is still held after a while.
    async fn pause(&self) -> bool {
        self.lost.run_until_cancelled(tokio::time::sleep(RETRY_AFTER)).await.is_some()
    }

    /// Reads what earlier claims said, so that it can be handed on when the state loses it. `false` when the claim is.
    async fn recall(&self) -> bool {
        while let Some(unknown) = self.log.with_buffer(|buffer| buffer.unknown_before()) {
            match self.records.live_lines(&self.claim.id, unknown).await {
                Ok(lines) if lines.last().is_some_and(|last| last.seq + 1 == unknown) => {
                    self.log.with_buffer(|buffer| buffer.recall(lines));
                }
                // Somebody took the key away: this log has no beginning that could be handed on.
                Ok(_) => return true,
                Err(_) if self.pause().await => {}
                Err(_) => return false,
            }
        }
        true
    }

    async fn append(&self, batch: &[LogLine]) -> Option<Pause> {
        match self.records.state.append_log(&self.claim, batch).await {
            Ok(()) => {
                let count = u64::try_from(batch.len()).unwrap_or(u64::MAX);
                Metric::LogLines.add(count, &[self.claim.queue.as_str()]);
                self.log.with_buffer(|buffer| buffer.took(batch.len()));
                None
            }
            Err(StateError::LeaseLost { .. }) => Some(Pause::Lost),
            // A Redis that came back without its last moments.
            Err(StateError::LogGap { missing, .. })
                if self.log.with_buffer(|buffer| buffer.send_again_from(missing)) =>
            {
                None
            }
            Err(error) => {
                tracing::debug!(deployment.id = %self.claim.id, %error, "log lines wait for the state");
                Some(Pause::Retry)
            }
        }
    }
}
