//! [`State`]: the one face, with the policy that both backends share.

mod accept;
mod hold;
mod house;
mod index;
mod log;
mod take;
mod view;

pub use view::{EventWatch, JobWatch};

use crate::backend::{AnyBackend, Step, on_backend};
use crate::in_process::InProcess;
use crate::redis::RedisBackend;
use crate::{StateConfig, StateError, Timing};
use shipstack_types::job::Refusal;
use shipstack_types::{Clock, DeploymentId, Timestamp};
use std::sync::{Arc, Mutex};

/// The queue, the leases, the index and the live logs. A cheap handle: clones share everything.
#[derive(Clone, Debug)]
pub struct State {
    shared: Arc<Shared>,
}

#[derive(Debug)]
struct Shared {
    config: StateConfig,
    backend: AnyBackend,
    timing: Timing,
    clock: Arc<dyn Clock>,
    /// When this process reaped last, to notice that it slept.
    last_reap: Mutex<Option<Timestamp>>,
}

impl State {
    /// Connects. With Redis, the address is checked and nothing is asked of the server yet: a service may start
    /// before Redis does; [`State::check`] says whether it answers. `clock` is the in-process backend's; Redis has
    /// its own.
    #[expect(
        clippy::unused_async,
        reason = "a caller must be inside the runtime, which listens for wake-ups"
    )]
    pub async fn connect(
        config: &StateConfig,
        timing: Timing,
        clock: Arc<dyn Clock>,
    ) -> Result<Self, StateError> {
        let backend = match config {
            StateConfig::InProcess => {
                AnyBackend::InProcess(Box::new(InProcess::new(timing.clone(), Arc::clone(&clock))))
            }
            StateConfig::Redis(config) => AnyBackend::Redis(Box::new(RedisBackend::open(config, &timing)?)),
        };
        let shared = Shared { config: config.clone(), backend, timing, clock, last_reap: Mutex::new(None) };
        Ok(Self { shared: Arc::new(shared) })
    }

    /// The same state over connections of its own, for a runtime of its own: a connection is driven by the runtime
    /// that opened it, so heartbeats on a thread of their own must not share one with a busy runtime.
    pub async fn separate(&self) -> Result<Self, StateError> {
        match &self.shared.config {
            StateConfig::InProcess => Ok(self.clone()),
            config @ StateConfig::Redis(_) => {
                Self::connect(config, self.timing().clone(), Arc::clone(&self.shared.clock)).await
            }
        }
    }

    /// The figures that this state keeps: how often to send heartbeats, to reap, and when to give up.
    pub fn timing(&self) -> &Timing {
        &self.shared.timing
    }

    pub(crate) fn backend(&self) -> &AnyBackend {
        &self.shared.backend
    }

    /// Runs an event whose refusal is an error to the caller.
    async fn must_apply(
        &self,
        id: &DeploymentId,
        step: impl Into<Step>,
    ) -> Result<crate::backend::Applied, StateError> {
        self.apply(id, step).await?.map_err(|refusal| refused(id, refusal))
    }

    async fn apply(&self, id: &DeploymentId, step: impl Into<Step>) -> crate::backend::Applying {
        let step = step.into();
        on_backend!(self.backend(), apply(id, &step))
    }
}

fn refused(id: &DeploymentId, refusal: Refusal) -> StateError {
    match refusal {
        Refusal::LeaseLost | Refusal::DeadlinePassed | Refusal::Unknown => {
            StateError::LeaseLost { id: id.clone() }
        }
        refusal => StateError::Refused { id: id.clone(), refusal },
    }
}
