//! Bodies, capped in size, in time and in slowness.
//!
//! actix has no deadline on bodies: a client that sends ten bytes and falls silent holds its connection, and whatever the
//! handler holds, for ever (`reliability.md` §5).

use std::time::Duration;

use actix_web::HttpRequest;
use actix_web::http::header;
use actix_web::web::Payload;
use bytes::{Bytes, BytesMut};
use futures_util::{Stream, StreamExt as _, stream};
use shipstack_types::Code;
use tokio::time::{Instant, timeout_at};

use crate::Problem;

/// How large, how late and how slow a body may be.
#[derive(Debug, Clone, Copy)]
pub struct BodyLimits {
    /// Bytes.
    pub max_bytes: u64,
    /// From the first look at the body to its end.
    pub deadline: Duration,
    /// In each such window...
    pub window: Duration,
    /// ...at least this much has to arrive, or the body has to end.
    pub window_bytes: u64,
}

impl BodyLimits {
    /// For a document that fits in memory: ten seconds in all.
    pub fn document(max_bytes: u64) -> Self {
        let deadline = Duration::from_secs(10);
        Self { max_bytes, deadline, window: deadline, window_bytes: 1 }
    }

    /// For a long upload: the deadline in all, and never slower than 16 KiB in ten seconds. The slowest mobile network
    /// is ten times as fast; a client that drips to hold a slot is not.
    pub fn upload(max_bytes: u64, deadline: Duration) -> Self {
        Self { max_bytes, deadline, window: Duration::from_secs(10), window_bytes: 16 * 1024 }
    }
}

/// A body under its limits.
pub struct CappedBody {
    payload: Payload,
    limits: BodyLimits,
    deadline: Instant,
    window_end: Instant,
    in_window: u64,
    read: u64,
}

impl CappedBody {
    /// Takes the body of a request. One that announces too much is refused before anything of it is read.
    pub fn new(request: &HttpRequest, payload: Payload, limits: BodyLimits) -> Result<Self, Problem> {
        let announced = request.headers().get(header::CONTENT_LENGTH);
        let announced = announced.and_then(|value| value.to_str().ok()?.parse::<u64>().ok());
        if announced.is_some_and(|bytes| bytes > limits.max_bytes) {
            return Err(too_large(limits.max_bytes));
        }
        let now = Instant::now();
        let (deadline, window_end) = (now + limits.deadline, now + limits.window);
        Ok(Self { payload, limits, deadline, window_end, in_window: 0, read: 0 })
    }

    /// The next piece; `None` at the end. After a problem the rest of the body must not be read.
    pub async fn next(&mut self) -> Option<Result<Bytes, Problem>> {
        loop {
            let until = self.deadline.min(self.window_end);
            match timeout_at(until, self.payload.next()).await {
                Ok(None) => return None,
                Ok(Some(Ok(piece))) => return Some(self.counted(piece)),
                Ok(Some(Err(error))) => return Some(Err(broken(&error))),
                Err(_) if self.may_go_on() => {}
                Err(_) => return Some(Err(too_slow(&self.limits))),
            }
        }
    }

    fn counted(&mut self, piece: Bytes) -> Result<Bytes, Problem> {
        let bytes = u64::try_from(piece.len()).unwrap_or(u64::MAX);
        self.read = self.read.saturating_add(bytes);
        self.in_window = self.in_window.saturating_add(bytes);
        if self.read > self.limits.max_bytes {
            return Err(too_large(self.limits.max_bytes));
        }
        // A steady drip never lets the timer run out, so the clock is looked at here as well.
        let late = Instant::now() >= self.deadline.min(self.window_end) && !self.may_go_on();
        if late { Err(too_slow(&self.limits)) } else { Ok(piece) }
    }

    /// At the end of a window: whether enough arrived in it to begin another.
    fn may_go_on(&mut self) -> bool {
        let now = Instant::now();
        let enough = now < self.deadline && self.in_window >= self.limits.window_bytes;
        self.window_end = now + self.limits.window;
        self.in_window = 0;
        enough
    }

    /// The body as a stream.
    pub fn into_stream(self) -> impl Stream<Item = Result<Bytes, Problem>> {
        stream::unfold(Some(self), |body| async {
            let mut body = body?;
            match body.next().await? {
                Ok(piece) => Some((Ok(piece), Some(body))),
                Err(problem) => Some((Err(problem), None)),
            }
        })
    }

    /// The whole body, in memory.
    pub async fn read(mut self) -> Result<Bytes, Problem> {
        let mut whole = BytesMut::new();
        while let Some(piece) = self.next().await {
            whole.extend_from_slice(&piece?);
        }
        Ok(whole.freeze())
    }
}

impl std::fmt::Debug for CappedBody {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("CappedBody")
            .field("limits", &self.limits)
            .field("read", &self.read)
            .finish_non_exhaustive()
    }
}

fn too_large(max_bytes: u64) -> Problem {
    let limit = shipstack_settings::ByteSize::bytes(max_bytes);
    Problem::new(Code::BodyTooLarge).detail(format!("The body is larger than {limit}."))
}

fn too_slow(limits: &BodyLimits) -> Problem {
    let (total, window) = (limits.deadline.as_secs(), limits.window.as_secs());
    Problem::new(Code::RequestTimeout).detail(format!(
        "The body did not arrive in time: it has {total} s in all, and {} bytes in each {window} s.",
        limits.window_bytes
    ))
}

/// The connection broke or the framing is wrong: whoever still listens gets a 400.
fn broken(error: &actix_web::error::PayloadError) -> Problem {
    let status = actix_web::http::StatusCode::BAD_REQUEST;
    Problem::new(Code::RequestTimeout)
        .with_status(status)
        .detail("The body did not arrive as announced.")
        .caused_by(error)
}
