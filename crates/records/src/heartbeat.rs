//! Heartbeats for all claims of one process, on a thread of their own that a busy runtime cannot starve.
//!
//! A claim that could not be kept alive for 0.9 of the lease on the monotonic clock is stopped: the process gives up
//! before anybody else may begin.

use crate::job::{StopReason, StopSignal};
use shipstack_service::OwnThread;
use shipstack_state::Timing;
use shipstack_state::{Claim, State, StateError};
use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

/// The claims whose leases are kept alive.
#[derive(Clone)]
pub(crate) struct Heartbeats {
    held: Arc<Mutex<HashMap<HeldKey, Held>>>,
    timing: Timing,
}

type HeldKey = (shipstack_types::DeploymentId, shipstack_types::QueueName);

#[derive(Clone)]
struct Held {
    claim: Claim,
    stop: StopSignal,
    alive_at: Instant,
}

impl Heartbeats {
    /// Starts the thread; it ends when the returned handle is dropped.
    pub(crate) fn start(state: State) -> std::io::Result<(Self, OwnThread)> {
        let beats = Self { held: Arc::default(), timing: state.timing().clone() };
        let on_thread = beats.clone();
        let thread = OwnThread::spawn("heartbeats", move || on_thread.beat(state))?;
        Ok((beats, thread))
    }

    /// Keeps this claim alive from now on. The lease began at the claim, so the clock does too.
    pub(crate) fn hold(&self, claim: Claim, stop: StopSignal, claimed_at: Instant) {
        let key = (claim.id.clone(), claim.queue);
        self.with(|held| held.insert(key, Held { claim, stop, alive_at: claimed_at }));
    }

    /// Lets a claim go.
    pub(crate) fn release(&self, claim: &Claim) {
        let key = (claim.id.clone(), claim.queue);
        self.with(|held| held.remove(&key));
    }

    fn with<T>(&self, use_it: impl FnOnce(&mut HashMap<HeldKey, Held>) -> T) -> T {
        use_it(&mut self.held.lock().unwrap_or_else(PoisonError::into_inner))
    }

    async fn beat(self, state: State) {
        // Connections belong to the runtime that opened them: this thread has its own.
        let interval = self.timing.heartbeat();
        let mut own: Option<State> = None;
        loop {
            if own.is_none() {
                own = tokio::time::timeout(interval, state.separate()).await.ok().and_then(Result::ok);
            }
            let claims: Vec<Held> = self.with(|held| held.values().cloned().collect());
            let beats = claims.iter().map(|held| self.one(own.as_ref(), held, interval));
            futures_util::future::join_all(beats).await;
            tokio::time::sleep(interval).await;
        }
    }

    async fn one(&self, state: Option<&State>, held: &Held, at_most: Duration) {
        let began = Instant::now();
        let answer = match state {
            Some(state) => tokio::time::timeout(at_most, state.heartbeat(&held.claim)).await.ok(),
            None => None,
        };
        match answer {
            Some(Ok(beat)) => {
                self.alive(held, began);
                if beat.cancel {
                    held.stop.stop(StopReason::Cancelled);
                }
            }
            Some(Err(StateError::LeaseLost { .. })) => held.stop.stop(StopReason::LeaseLost),
            _ if held.alive_at.elapsed() + at_most > self.timing.give_up() => {
                tracing::warn!(deployment.id = %held.claim.id, "no heartbeat got through: giving the claim up");
                held.stop.stop(StopReason::LeaseLost);
            }
            _ => {}
        }
    }

    fn alive(&self, held: &Held, at: Instant) {
        let key = (held.claim.id.clone(), held.claim.queue);
        self.with(|all| {
            if let Some(entry) = all.get_mut(&key).filter(|entry| entry.claim.number == held.claim.number) {
                entry.alive_at = at;
            }
        });
    }
}
