//! Which backend, and the figures of the queue.

use secrecy::SecretString;
use shipstack_types::job::JobRules;
use std::time::Duration;

/// Where the state lives.
#[derive(Clone, Debug)]
pub enum StateConfig {
    /// In this process; gone with it, and rebuilt by the reindex.
    InProcess,
    /// In Redis 6.2 or newer.
    Redis(RedisConfig),
}

/// How Redis is used.
#[derive(Clone, Debug)]
pub struct RedisConfig {
    /// `redis://…` or `unix:…`; may hold a password.
    pub url: SecretString,
    /// Before every key. On Redis Cluster it must hold a `{tag}`.
    pub prefix: String,
    /// How builds are taken.
    pub take: QueueTake,
}

/// How a job leaves `build-queue`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum QueueTake {
    /// A wait that pops nothing, then one script.
    #[default]
    Claim,
    /// A plain `BRPOP`; what a crash loses comes back with the next reconcile.
    Brpop,
}

/// The figures of the queue (reliability.md §2, "Defaults").
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Timing {
    /// Leases, deadlines and attempts.
    pub rules: JobRules,
    /// How often [`crate::State::reap`] is called. A lease is given up when it is seen expired twice, at least three
    /// quarters of this apart.
    pub reap: Duration,
    /// How long a consumer that is not ours may keep an id; `None` when only we consume, which is so without the
    /// `files` layout.
    pub foreign_grace: Option<Duration>,
}

impl Default for Timing {
    fn default() -> Self {
        Self { rules: JobRules::default(), reap: Duration::from_secs(2), foreign_grace: None }
    }
}

impl Timing {
    /// The default figures with another lease; the pace of the reaper follows it.
    #[must_use]
    pub fn with_lease(lease: Duration) -> Self {
        let rules = JobRules { lease, ..JobRules::default() };
        Self { rules, reap: lease / 4, foreign_grace: None }
    }

    /// How often a holder says that it lives: about a third of the lease.
    #[must_use]
    pub fn heartbeat(&self) -> Duration {
        self.rules.lease.mul_f64(2.5 / 8.0)
    }

    /// When a holder that could not say so gives up by itself: 0.9 of the lease, on the monotonic clock.
    #[must_use]
    pub fn give_up(&self) -> Duration {
        self.rules.lease.mul_f64(0.9)
    }

    pub(crate) fn second_look(&self) -> Duration {
        self.reap.mul_f64(0.75)
    }

    /// A lease that is over for longer than this is nobody's work any more: nobody is reaped for two leases after an
    /// absence, and two looks follow within another.
    pub(crate) fn long_over(&self) -> Duration {
        self.rules.lease * 4
    }

    /// Claims younger than this are not swept: their reply may be on its way.
    pub(crate) fn sweep_age(&self) -> Duration {
        self.rules.lease / 2
    }
}
