//! Where the queue, the leases and the live logs are kept.

use clap::{Args, ValueEnum};

use crate::values::floor;
use crate::{HumanDuration, Secret, SettingsError};

/// Redis, and the times of the queue.
#[derive(Args, Debug, Clone)]
#[command(next_help_heading = "State")]
pub struct StateSettings {
    /// Redis that holds queue, leases and live logs; only `up` can do without
    #[arg(long, env = "REDIS_URL", hide_env_values = true, value_name = "URL")]
    pub redis_url: Option<Secret>,

    /// Put before every name in Redis; on Redis Cluster it has to hold a {tag}
    #[arg(long, env = "SHIPSTACK_REDIS_PREFIX", default_value = "", value_name = "TEXT")]
    pub redis_prefix: String,

    /// How jobs are taken: under a lease that no crash loses, or by a plain BRPOP as the Node system did
    #[arg(long, env = "SHIPSTACK_QUEUE_TAKE", default_value = "claim", value_name = "HOW")]
    pub queue_take: QueueTake,

    /// How long a claim lasts without a heartbeat
    #[arg(long, env = "SHIPSTACK_LEASE", value_parser = floor::lease, default_value = "8s", value_name = "TIME")]
    pub lease: HumanDuration,

    /// How long a consumer that is not ours may keep an id before it is queued again
    #[arg(long, env = "SHIPSTACK_FOREIGN_GRACE", default_value = "15m", value_name = "TIME")]
    pub foreign_grace: HumanDuration,
}

impl StateSettings {
    /// The address of Redis, for services that cannot be without it.
    pub fn required_redis_url(&self) -> Result<&Secret, SettingsError> {
        const WHY: &str =
            "it is needed: the services share their state in Redis (only `shipstack up` runs without)";
        self.redis_url.as_ref().ok_or_else(|| SettingsError::new("REDIS_URL", WHY))
    }
}

/// How jobs leave the queue (contract.md §4).
#[derive(ValueEnum, Debug, Clone, Copy, PartialEq, Eq)]
pub enum QueueTake {
    /// A wait that pops nothing and a script that takes under a lease.
    Claim,
    /// A plain `BRPOP`; what a crash loses comes back with the next reconcile.
    Brpop,
}
