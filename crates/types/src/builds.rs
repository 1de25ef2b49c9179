//! How often a deployment was tried, and what was made from it.

use crate::{ClaimNumber, Deployment, Timestamp, WorkerId};
use serde::{Deserialize, Serialize};

/// One taking of a deployment by a worker that builds.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase")]
pub struct BuildAttempt {
    /// The claim's number.
    pub claim: ClaimNumber,
    /// Which attempt it was, from 1; a claim that was given back unspent has the number of the one after it.
    pub attempt: u32,
    /// Who took it.
    pub worker: WorkerId,
    /// When.
    pub started_at: Timestamp,
}

/// The attempts of a deployment, and the deployments made from its snapshot.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase")]
pub struct Builds {
    /// Oldest first; the last hundred.
    pub attempts: Vec<BuildAttempt>,
    /// Newest first; the last hundred.
    pub redeploys: Vec<Deployment>,
}
