//! Answers that last: how many may be open at once, and who is counted.

use shipstack_http::Problem;
use shipstack_service::{Counted, Metric};
use shipstack_types::Code;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

/// When to come back after all places were taken.
const COME_BACK: Duration = Duration::from_secs(5);

/// What is streamed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum StreamKind {
    /// A log.
    Logs,
    /// The events of a channel.
    Events,
}

/// The places of this process. Without a free one a stream is refused and never queued: its reader resumes later.
#[derive(Clone)]
pub(crate) struct Streams {
    places: Arc<Semaphore>,
}

/// A place, free again when it is dropped.
pub(crate) struct OpenStream {
    _place: OwnedSemaphorePermit,
    _counted: Counted,
}

impl Streams {
    pub(crate) fn new(max: u32) -> Self {
        Self { places: Arc::new(Semaphore::new(usize::try_from(max).unwrap_or(Semaphore::MAX_PERMITS))) }
    }

    /// A place, or 503.
    pub(crate) fn open(&self, kind: StreamKind) -> Result<OpenStream, Problem> {
        match Arc::clone(&self.places).try_acquire_owned() {
            Ok(place) => {
                let word = match kind {
                    StreamKind::Logs => "logs",
                    StreamKind::Events => "events",
                };
                Ok(OpenStream { _place: place, _counted: Counted::one(Metric::StreamsOpen, word) })
            }
            Err(_) => Err(Problem::new(Code::Overloaded)
                .detail("As many logs and events are being read here as this service sends at once.")
                .remedy("Come back in some seconds, or let the operator raise SHIPSTACK_MAX_STREAMS.")
                .retry_after(COME_BACK)),
        }
    }
}
