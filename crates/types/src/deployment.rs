//! A deployment as the API shows it (contract §6).

use crate::{
    DeploymentId, DeploymentState, EgressReceipt, Failure, Phase, PhaseTiming, PlanView, SourceInfo,
    SourceRequest, Timestamp,
};
use serde::{Deserialize, Serialize};

/// The source as far as it is known: what was asked for, and once it is stored what it was.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase")]
pub struct SourceView {
    /// What was asked for.
    #[serde(flatten)]
    pub request: SourceRequest,
    /// The commit that was fetched.
    pub commit: Option<String>,
    /// Bytes of all files.
    pub bytes: Option<u64>,
    /// Number of files.
    pub files: Option<u64>,
    /// What was left out or changed.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub warnings: Vec<String>,
}

impl SourceView {
    /// From the request and, once stored, what was stored.
    #[must_use]
    pub fn new(request: SourceRequest, stored: Option<&SourceInfo>) -> Self {
        Self {
            request,
            commit: stored.and_then(|source| source.commit.clone()),
            bytes: stored.map(|source| source.bytes),
            files: stored.map(|source| source.files),
            warnings: stored.map(|source| source.warnings.clone()).unwrap_or_default(),
        }
    }
}

/// Everything known of a deployment.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase")]
pub struct Deployment {
    /// The deployment.
    pub id: DeploymentId,
    /// Where it stands.
    pub status: DeploymentState,
    /// What its holder is doing; `None` once it ended.
    pub phase: Option<Phase>,
    /// The project, when it belongs to one.
    pub project: Option<String>,
    /// The deployment whose snapshot this one was made from by redeploying it.
    #[serde(default)]
    pub parent: Option<DeploymentId>,
    /// Where it is, or will be, served.
    pub url: String,
    /// Its source.
    pub source: SourceView,
    /// The effective plan, once decided.
    pub plan: Option<PlanView>,
    /// Phase timings so far.
    pub phases: Vec<PhaseTiming>,
    /// The attempt, from 1; 0 before the first.
    pub attempt: u32,
    /// Place in the queue, from 1, while it waits.
    pub queue_position: Option<u64>,
    /// How long it will probably wait for its build, counted from this answer; `None` when it does not wait for one, when
    /// too little is known to say so, and in lists.
    #[serde(default)]
    pub estimated_wait_ms: Option<u64>,
    /// When it was accepted.
    pub created_at: Timestamp,
    /// When its outcome was decided.
    pub ended_at: Option<Timestamp>,
    /// Number of artifacts.
    pub files: Option<u64>,
    /// Bytes of all artifacts.
    pub bytes: Option<u64>,
    /// What the build asked of the network.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub egress: Option<EgressReceipt>,
    /// Why it failed.
    pub failure: Option<Failure>,
}
