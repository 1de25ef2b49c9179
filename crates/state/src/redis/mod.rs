//! The state in Redis: every change is one Lua script that runs the transition table on Redis's own time.
//!
//! Guarantees: `status` is written before the push and in the same script; a call whose reply is lost is repeated
//! with the same arguments and heals; every await has a deadline. All names are spelled in `key.rs`.

mod backend;
pub(crate) mod event;
mod health;
mod index;
mod key;
mod link;
mod listen;
pub(crate) mod reply;
mod request;
mod script;
mod wait;

use crate::backend::{Absence, Step};
use crate::wake::Wakeups;
use crate::{QueueTake, RedisConfig, StateError, Timing};
use key::Key;
use link::Link;
use redis::io::tcp::TcpSettings;
use redis::{Client, IntoConnectionInfo as _};
use script::Scripts;
use secrecy::ExposeSecret as _;
use std::collections::VecDeque;
use std::sync::{Mutex, PoisonError};
use tokio::task::AbortHandle;
use wait::Waits;

#[derive(Debug)]
pub(crate) struct RedisBackend {
    link: Link,
    waits: Waits,
    scripts: Scripts,
    prefix: String,
    take: QueueTake,
    /// Ids that `brpop` took and nobody claimed yet; a crash loses them until the next reconcile.
    popped: Mutex<VecDeque<Vec<u8>>>,
    wakeups: Wakeups,
    listener: AbortHandle,
}

impl RedisBackend {
    /// Checks the settings and begins to listen for wake-ups; connects with the first call.
    pub(crate) fn open(config: &RedisConfig, timing: &Timing) -> Result<Self, StateError> {
        if !key::is_prefix(&config.prefix) {
            let reason = "the prefix may hold letters, digits and : _ - . { } only, at most 100".to_owned();
            return Err(StateError::Settings { reason });
        }
        let client = client(config)?;
        let wakeups = Wakeups::default();
        let channel = Key::Wake.under(&config.prefix);
        let listener = tokio::spawn(listen::listen(client.clone(), channel, wakeups.clone())).abort_handle();
        Ok(Self {
            link: Link::new(client, timing.rules.lease / 2),
            waits: Waits::default(),
            scripts: Scripts::new(&config.prefix, timing),
            prefix: config.prefix.clone(),
            take: config.take,
            popped: Mutex::default(),
            wakeups,
            listener,
        })
    }

    /// Whether Redis was out of reach for long since this was asked last.
    pub(crate) fn take_absence(&self) -> Absence {
        if self.link.take_absence() { Absence::Seen } else { Absence::None }
    }

    pub(crate) fn note_absence(&self) {
        self.link.note_absence();
    }

    /// Stops listening for wake-ups, so that a test which loses the next reply loses that of its own call.
    #[cfg(test)]
    pub(crate) fn stop_listening(&self) {
        self.listener.abort();
    }

    fn key(&self, key: Key) -> String {
        key.under(&self.prefix)
    }

    fn take_popped(&self) -> Option<Vec<u8>> {
        self.popped.lock().unwrap_or_else(PoisonError::into_inner).pop_front()
    }

    fn keep_popped(&self, element: Vec<u8>) {
        self.popped.lock().unwrap_or_else(PoisonError::into_inner).push_back(element);
    }
}

impl Drop for RedisBackend {
    fn drop(&mut self) {
        self.listener.abort();
    }
}

fn client(config: &RedisConfig) -> Result<Client, StateError> {
    // The client's own message may repeat the address with its password.
    let bad = |_| StateError::Settings { reason: "REDIS_URL is not an address of Redis".to_owned() };
    let info = config.url.expose_secret().into_connection_info().map_err(bad)?;
    // Small commands and small answers: waiting to fill a packet would cost 40 ms a call.
    let info = info.set_tcp_settings(TcpSettings::default().set_nodelay(true));
    Client::open(info).map_err(bad)
}

/// The arguments of `apply.lua`.
fn step_args(id: &str, step: &Step) -> Result<[Vec<u8>; 7], StateError> {
    let (line, seq) = match &step.line {
        Some(line) => (line_json(line)?, line.seq.to_string()),
        None => (Vec::new(), String::new()),
    };
    Ok([
        id.as_bytes().to_vec(),
        request::event_json(&step.event).into_bytes(),
        step.group.clone().unwrap_or_default().into_bytes(),
        step.record.as_ref().map(|record| record.to_vec()).unwrap_or_default(),
        line,
        seq.into_bytes(),
        step.created_at.map(|at| at.as_millis().to_string()).unwrap_or_default().into_bytes(),
    ])
}

fn line_json(line: &shipstack_types::LogLine) -> Result<Vec<u8>, StateError> {
    serde_json::to_vec(line).map_err(|_| StateError::unreadable("write a log line"))
}
