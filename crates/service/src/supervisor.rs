//! Parts of a process that live and end together.

use std::collections::HashMap;
use std::error::Error as _;
use std::future::Future;
use std::time::Duration;

use tokio::task::{Id, JoinError, JoinSet};
use tracing::{error, info};

use crate::{Shutdown, causes};

/// Any error, as a part may end with.
pub type BoxError = Box<dyn std::error::Error + Send + Sync>;

/// How long parts may take to end after a hard stop before they are dropped.
const LAST_GRACE: Duration = Duration::from_secs(10);

/// Why the parts ended although nobody asked.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum SupervisorError {
    /// A part returned an error.
    #[error("{name} failed")]
    Failed {
        /// The part.
        name: &'static str,
        /// What it returned.
        source: BoxError,
    },
    /// A part returned without an error, but before it was asked to.
    #[error("{name} ended without being asked to")]
    Ended {
        /// The part.
        name: &'static str,
    },
    /// A part panicked.
    #[error("{name} panicked")]
    Panicked {
        /// The part.
        name: &'static str,
    },
    /// A part did not end in time after a hard stop and was dropped.
    #[error("{name} did not end and was dropped")]
    Stuck {
        /// One of the parts.
        name: &'static str,
    },
}

/// Runs named parts; when one ends, all are asked to.
#[derive(Debug)]
pub struct Supervisor {
    shutdown: Shutdown,
    parts: JoinSet<Result<(), BoxError>>,
    names: HashMap<Id, &'static str>,
    last_grace: Duration,
}

impl Supervisor {
    /// Without parts yet. They are asked to end through `shutdown`.
    pub fn new(shutdown: Shutdown) -> Self {
        Self { shutdown, parts: JoinSet::new(), names: HashMap::new(), last_grace: LAST_GRACE }
    }

    /// Starts a part. It has to end by itself, and soon, after a soft stop.
    pub fn spawn<F, E>(&mut self, name: &'static str, part: F)
    where
        F: Future<Output = Result<(), E>> + Send + 'static,
        E: Into<BoxError> + 'static,
    {
        let handle = self.parts.spawn(async move { part.await.map_err(Into::into) });
        self.names.insert(handle.id(), name);
    }

    /// Waits until all parts have ended. After a soft stop they have `drain`, then comes a hard one.
    /// The error is that of the first part that went wrong.
    pub async fn run(mut self, drain: Duration) -> Result<(), SupervisorError> {
        let shutdown = self.shutdown.clone();
        let clock = tokio::spawn(escalate(shutdown.clone(), drain));
        let outcome = self.until_all_ended().await;
        clock.abort();
        outcome
    }

    async fn until_all_ended(&mut self) -> Result<(), SupervisorError> {
        let mut first = Ok(());
        let stuck = stuck(self.shutdown.clone(), self.last_grace);
        tokio::pin!(stuck);
        loop {
            let ended = tokio::select! {
                ended = self.parts.join_next_with_id() => ended,
                () = &mut stuck => return first.and(self.drop_the_rest()),
            };
            let Some(ended) = ended else { return first };
            let verdict = self.judge(ended);
            self.shutdown.soft().cancel();
            first = first.and(verdict);
        }
    }

    fn judge(&mut self, ended: Result<(Id, Result<(), BoxError>), JoinError>) -> Result<(), SupervisorError> {
        let id = ended.as_ref().map_or_else(JoinError::id, |(id, _)| *id);
        let name = self.names.remove(&id).unwrap_or("a part");
        let verdict = match ended {
            Ok((_, Ok(()))) if self.shutdown.soft().is_cancelled() => Ok(()),
            Ok((_, Ok(()))) => Err(SupervisorError::Ended { name }),
            Ok((_, Err(source))) => Err(SupervisorError::Failed { name, source }),
            Err(_) => Err(SupervisorError::Panicked { name }),
        };
        match &verdict {
            Ok(()) => info!(part = name, "{name} ended"),
            Err(why) => {
                let cause = why.source().map(causes);
                error!(part = name, cause, "{why}; everything else is asked to end");
            }
        }
        verdict
    }

    fn drop_the_rest(&mut self) -> Result<(), SupervisorError> {
        self.parts.abort_all();
        let name = self.names.values().next().copied();
        name.map_or(Ok(()), |name| Err(SupervisorError::Stuck { name }))
    }
}

async fn escalate(shutdown: Shutdown, drain: Duration) {
    shutdown.soft().cancelled().await;
    tokio::time::sleep(drain).await;
    shutdown.now();
}

async fn stuck(shutdown: Shutdown, grace: Duration) {
    shutdown.hard().cancelled().await;
    tokio::time::sleep(grace).await;
}

#[cfg(test)]
mod tests {
    use super::*;

    const LONG: Duration = Duration::from_mins(10);

    async fn until(stop: crate::CancellationToken) -> Result<(), BoxError> {
        stop.cancelled().await;
        Ok(())
    }

    async fn wild() -> Result<(), BoxError> {
        tokio::task::yield_now().await;
        panic!("on purpose")
    }

    #[tokio::test]
    async fn when_one_part_fails_all_end_and_it_is_named() {
        let shutdown = Shutdown::new();
        let mut supervisor = Supervisor::new(shutdown.clone());
        supervisor.spawn("steady", until(shutdown.soft()));
        supervisor.spawn("broken", async { Err::<(), _>("no port") });
        let error = supervisor.run(LONG).await.unwrap_err();
        assert!(matches!(error, SupervisorError::Failed { name: "broken", .. }), "{error}");
        assert!(!shutdown.hard().is_cancelled());
    }

    #[tokio::test]
    async fn an_unasked_end_and_a_panic_are_errors() {
        let mut supervisor = Supervisor::new(Shutdown::new());
        supervisor.spawn("short", async { Ok::<_, BoxError>(()) });
        assert!(matches!(supervisor.run(LONG).await, Err(SupervisorError::Ended { name: "short" })));
        let mut supervisor = Supervisor::new(Shutdown::new());
        supervisor.spawn("wild", wild());
        assert!(matches!(supervisor.run(LONG).await, Err(SupervisorError::Panicked { name: "wild" })));
    }

    #[tokio::test]
    async fn an_asked_end_is_fine_and_the_drain_window_ends_hard() {
        let shutdown = Shutdown::new();
        let mut supervisor = Supervisor::new(shutdown.clone());
        supervisor.spawn("quick", until(shutdown.soft()));
        supervisor.spawn("slow", until(shutdown.hard()));
        shutdown.ask();
        supervisor.run(Duration::ZERO).await.unwrap();
        assert!(shutdown.hard().is_cancelled());
    }

    #[tokio::test]
    async fn what_does_not_end_is_dropped_and_named() {
        let shutdown = Shutdown::new();
        let mut supervisor = Supervisor::new(shutdown.clone());
        supervisor.last_grace = Duration::ZERO;
        supervisor.spawn("stuck", std::future::pending::<Result<(), BoxError>>());
        shutdown.now();
        assert!(matches!(supervisor.run(LONG).await, Err(SupervisorError::Stuck { name: "stuck" })));
    }
}
