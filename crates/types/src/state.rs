//! The six words of a deployment's life on the wire. The moves between them are the transition table of [`crate::job`].

use serde::{Deserialize, Serialize};
use std::fmt;
use std::str::FromStr;

/// Where a deployment stands, as the wire says it. `deployed`, `failed` and `cancelled` are final.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "lowercase")]
pub enum DeploymentState {
    /// Acknowledged; its source is being fetched.
    Uploading,
    /// Its source is stored; it waits for a worker.
    Uploaded,
    /// A worker holds it.
    Building,
    /// It is served.
    Deployed,
    /// It ended with a failure, which says why.
    Failed,
    /// Somebody cancelled it.
    Cancelled,
}

impl DeploymentState {
    /// All states, in the order of a life.
    pub const ALL: [Self; 6] =
        [Self::Uploading, Self::Uploaded, Self::Building, Self::Deployed, Self::Failed, Self::Cancelled];

    /// The word on the wire.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Uploading => "uploading",
            Self::Uploaded => "uploaded",
            Self::Building => "building",
            Self::Deployed => "deployed",
            Self::Failed => "failed",
            Self::Cancelled => "cancelled",
        }
    }

    /// Whether nothing can follow.
    #[must_use]
    pub fn is_terminal(self) -> bool {
        matches!(self, Self::Deployed | Self::Failed | Self::Cancelled)
    }
}

impl fmt::Display for DeploymentState {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl FromStr for DeploymentState {
    type Err = &'static str;

    fn from_str(word: &str) -> Result<Self, Self::Err> {
        Self::ALL.into_iter().find(|state| state.as_str() == word).ok_or("not a deployment state")
    }
}
