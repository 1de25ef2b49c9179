//! The connection that everything but blocking commands goes over: one, shared, made again when it breaks.
//!
//! Guarantees that no call lasts longer than its budget, that a call whose reply is lost is repeated within it, and
//! that a long silence of the server is noticed. What it is not: a pool, or a place that knows what the calls mean.

use super::script::Script;
use crate::StateError;
use crate::nets::Net;
use redis::aio::MultiplexedConnection;
use redis::{AsyncConnectionConfig, Cmd, ErrorKind, FromRedisValue, RedisError, ServerErrorKind};
use shipstack_service::Metric;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};
use tokio::time::timeout;

/// One call with all its repeats; `/deploy` answers 503 within two seconds (promise 11).
const BUDGET: Duration = Duration::from_millis(1800);
/// One try. Our slowest script takes some milliseconds.
const RESPONSE: Duration = Duration::from_secs(1);
/// Between tries when the server refuses at once.
const PAUSE: Duration = Duration::from_millis(50);

#[derive(Debug)]
pub(super) struct Link {
    client: redis::Client,
    current: tokio::sync::Mutex<Option<(u64, MultiplexedConnection)>>,
    generation: AtomicU64,
    contact: Mutex<Contact>,
    /// Silences longer than this are an absence.
    patience: Duration,
    absent: AtomicBool,
}

/// When the server answered last, and whether a call failed since.
#[derive(Debug)]
struct Contact {
    answered: Instant,
    failed_since: bool,
}

impl Link {
    pub(super) fn new(client: redis::Client, patience: Duration) -> Self {
        let contact = Contact { answered: Instant::now(), failed_since: false };
        Self {
            client,
            current: tokio::sync::Mutex::default(),
            generation: AtomicU64::new(0),
            contact: Mutex::new(contact),
            patience,
            absent: AtomicBool::new(false),
        }
    }

    pub(super) fn client(&self) -> &redis::Client {
        &self.client
    }

    /// Runs a script; a server that does not know it gets its text.
    pub(super) async fn run<T: FromRedisValue>(
        &self,
        script: &Script,
        args: &[&[u8]],
    ) -> Result<T, StateError> {
        let known = invocation("EVALSHA", &script.hash, args);
        match self.send(script.operation, &known).await {
            Err(StateError::Unreadable { source: Some(error), .. })
                if is(&error, ServerErrorKind::NoScript) =>
            {
                self.send(script.operation, &invocation("EVAL", &script.code, args)).await
            }
            answer => answer,
        }
    }

    /// Sends one command, which must bear repeating.
    pub(super) async fn send<T: FromRedisValue>(
        &self,
        operation: &'static str,
        cmd: &Cmd,
    ) -> Result<T, StateError> {
        let answer = self.send_within(operation, cmd).await;
        if matches!(answer, Err(StateError::Unavailable { .. } | StateError::WrongType { .. })) {
            Metric::StateErrors.add(1, &[operation]);
        }
        answer
    }

    async fn send_within<T: FromRedisValue>(
        &self,
        operation: &'static str,
        cmd: &Cmd,
    ) -> Result<T, StateError> {
        let until = Instant::now() + BUDGET;
        let mut last = None;
        loop {
            let left = until.saturating_duration_since(Instant::now());
            if left.is_zero() {
                return Err(StateError::Unavailable { operation, source: last });
            }
            match self.try_once(cmd, left.min(RESPONSE)).await {
                Ok(answer) => return Ok(answer),
                Err(Some(error)) if !is_passing(&error) => return Err(permanent(operation, error)),
                Err(error) => last = error,
            }
            if Net::Repeat.is_missing() {
                return Err(StateError::Unavailable { operation, source: last });
            }
            let left = until.saturating_duration_since(Instant::now());
            tokio::time::sleep(PAUSE.min(left)).await;
        }
    }

    /// `None` is a deadline of ours.
    async fn try_once<T: FromRedisValue>(
        &self,
        cmd: &Cmd,
        at_most: Duration,
    ) -> Result<T, Option<RedisError>> {
        let mut used = None;
        let asking = async {
            let (generation, mut connection) = self.connection().await?;
            used = Some(generation);
            cmd.query_async(&mut connection).await
        };
        let answer = match timeout(at_most, asking).await {
            Ok(answer) => answer.map_err(Some),
            Err(_) => Err(None),
        };
        match &answer {
            Err(error) if error.as_ref().is_none_or(is_passing) => self.discard(used).await,
            _ => self.note_answer(),
        }
        answer
    }

    async fn connection(&self) -> Result<(u64, MultiplexedConnection), RedisError> {
        let mut current = self.current.lock().await;
        if let Some((generation, connection)) = &*current {
            return Ok((*generation, connection.clone()));
        }
        let connection =
            self.client.get_multiplexed_async_connection_with_config(&without_deadlines()).await?;
        let generation = self.generation.fetch_add(1, Ordering::Relaxed);
        *current = Some((generation, connection.clone()));
        Ok((generation, connection))
    }

    /// Forgets a connection that failed: the next call connects anew, and resolves the name anew.
    async fn discard(&self, used: Option<u64>) {
        self.contact.lock().unwrap_or_else(PoisonError::into_inner).failed_since = true;
        let mut current = self.current.lock().await;
        if current.as_ref().map(|(generation, _)| *generation) == used {
            *current = None;
        }
    }

    fn note_answer(&self) {
        let mut contact = self.contact.lock().unwrap_or_else(PoisonError::into_inner);
        if contact.failed_since && contact.answered.elapsed() > self.patience {
            self.absent.store(true, Ordering::Relaxed);
        }
        *contact = Contact { answered: Instant::now(), failed_since: false };
    }

    /// Whether the server was, or is, silent for longer than our patience since this was asked last.
    pub(super) fn take_absence(&self) -> bool {
        let contact = self.contact.lock().unwrap_or_else(PoisonError::into_inner);
        let lasts = contact.failed_since && contact.answered.elapsed() > self.patience;
        self.absent.swap(false, Ordering::Relaxed) || lasts
    }

    /// Says it again: the one who was to act on it could not.
    pub(super) fn note_absence(&self) {
        self.absent.store(true, Ordering::Relaxed);
    }
}

/// Our own deadlines are around every await; the client's would cut blocking commands short.
pub(super) fn without_deadlines() -> AsyncConnectionConfig {
    AsyncConnectionConfig::new().set_response_timeout(None).set_connection_timeout(Some(RESPONSE))
}

fn invocation(command: &str, script: &str, args: &[&[u8]]) -> Cmd {
    let mut cmd = redis::cmd(command);
    cmd.arg(script).arg(0);
    for arg in args {
        cmd.arg(*arg);
    }
    cmd
}

fn is(error: &RedisError, kind: ServerErrorKind) -> bool {
    error.kind() == ErrorKind::Server(kind)
}

/// Whether the same call may succeed a little later, on another connection.
fn is_passing(error: &RedisError) -> bool {
    let codes = [
        "LOADING",
        "READONLY",
        "MASTERDOWN",
        "TRYAGAIN",
        "CLUSTERDOWN",
        "BUSY",
        "OOM",
        "NOREPLICAS",
        "MISCONF",
    ];
    error.is_io_error()
        || error.is_connection_dropped()
        || error.kind() == ErrorKind::Parse
        || codes.iter().any(|code| error.code() == Some(code) || mentions(error, code))
}

/// Inside a script the code of an error is only in its text.
fn mentions(error: &RedisError, code: &str) -> bool {
    error.detail().is_some_and(|detail| detail.starts_with(code) || detail.contains(&format!("-{code} ")))
}

fn permanent(operation: &'static str, error: RedisError) -> StateError {
    if error.code() == Some("WRONGTYPE") || error.detail().is_some_and(|detail| detail.contains("WRONGTYPE"))
    {
        return StateError::WrongType { operation, source: error };
    }
    if error.kind() == ErrorKind::AuthenticationFailed || is(&error, ServerErrorKind::NoPerm) {
        return StateError::Unavailable { operation, source: Some(error) };
    }
    StateError::Unreadable { operation, source: Some(error) }
}
