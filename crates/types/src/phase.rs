//! What the holder of a job is doing right now, finer than the state.

use crate::Timestamp;
use serde::{Deserialize, Serialize};
use std::fmt;

/// A phase of a deployment, set only by the lease holder (contract §6).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "lowercase")]
pub enum Phase {
    /// Waiting for a worker.
    Queued,
    /// Fetching the repository.
    Cloning,
    /// Writing the snapshot.
    Snapshotting,
    /// Waiting after a platform fault.
    Retrying,
    /// Reading the source, deciding the plan, opening the sandbox.
    Preparing,
    /// Restoring the dependency cache.
    Restoring,
    /// Installing the dependencies.
    Installing,
    /// Running the build command.
    Building,
    /// Reading and checking the output.
    Collecting,
    /// Uploading artifacts and manifest.
    Storing,
    /// Settling a good outcome.
    Publishing,
}

impl Phase {
    /// All phases, in the order of a life.
    pub const ALL: [Self; 11] = [
        Self::Queued,
        Self::Cloning,
        Self::Snapshotting,
        Self::Retrying,
        Self::Preparing,
        Self::Restoring,
        Self::Installing,
        Self::Building,
        Self::Collecting,
        Self::Storing,
        Self::Publishing,
    ];

    /// The word on the wire.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Queued => "queued",
            Self::Cloning => "cloning",
            Self::Snapshotting => "snapshotting",
            Self::Retrying => "retrying",
            Self::Preparing => "preparing",
            Self::Restoring => "restoring",
            Self::Installing => "installing",
            Self::Building => "building",
            Self::Collecting => "collecting",
            Self::Storing => "storing",
            Self::Publishing => "publishing",
        }
    }
}

impl fmt::Display for Phase {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl std::str::FromStr for Phase {
    type Err = &'static str;

    fn from_str(word: &str) -> Result<Self, Self::Err> {
        Self::ALL.into_iter().find(|phase| phase.as_str() == word).ok_or("not a phase")
    }
}

/// When a phase began and ended; one entry for each time it was entered.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase")]
pub struct PhaseTiming {
    /// Which phase.
    pub phase: Phase,
    /// When it was entered.
    pub started_at: Timestamp,
    /// When the next one was, or the outcome was decided; `None` while it lasts.
    pub ended_at: Option<Timestamp>,
}
