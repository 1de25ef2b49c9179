//! The objects that are the record of a deployment, each written once (contract §5).

use crate::{
    BuildOptions, BuildPlan, ClaimNumber, DeploymentId, DeploymentState, EgressRefusal, Failure, GitRef,
    GitUrl, NetworkAccess, PhaseTiming, Sha256Digest, SourceName, Timestamp, TraceParent, WorkerId,
};
use serde::{Deserialize, Serialize};

/// Where a deployment's source comes from.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(tag = "kind", rename_all = "camelCase", rename_all_fields = "camelCase")]
pub enum SourceRequest {
    /// A repository to fetch.
    Git {
        /// Its URL.
        url: GitUrl,
        /// Branch, tag or commit; the default branch without one.
        #[serde(rename = "ref", default, skip_serializing_if = "Option::is_none")]
        git_ref: Option<GitRef>,
    },
    /// An archive that came with the request; its snapshot was stored before the id was.
    Archive {
        /// Whether it is the finished site, to be published without a build.
        #[serde(default)]
        prebuilt: bool,
        /// What the folder or archive was called where it came from.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        name: Option<SourceName>,
    },
    /// Loose files or a snapshot that somebody else put under the id (contract §5, a bucket of the Node system).
    Adopted,
}

/// `deployment.json`: the birth of a deployment, written before its id is acknowledged.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Birth {
    /// The deployment.
    pub id: DeploymentId,
    /// Where its source comes from.
    pub source: SourceRequest,
    /// What was asked of the build.
    #[serde(default)]
    pub build: BuildOptions,
    /// What the queue shares its workers between: a project, or `repo:<repository>`, or the deployment itself.
    pub group: String,
    /// The deployment whose snapshot this one was made from.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub parent: Option<DeploymentId>,
    /// Older deployments of the same source that still wait give way to it.
    #[serde(default, skip_serializing_if = "is_not")]
    pub supersede: bool,
    /// The `Idempotency-Key` it was asked for with.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub idempotency: Option<IdempotencyMark>,
    /// Where the request stood in its caller's trace. Without it the trace follows from the id.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub traceparent: Option<TraceParent>,
    /// When it was accepted.
    pub created_at: Timestamp,
}

/// An `Idempotency-Key` and what it was used for, both as digests: a key may be a secret of the client's.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct IdempotencyMark {
    /// Digest of the key.
    pub key: Sha256Digest,
    /// Digest of everything that was asked for.
    pub request: Sha256Digest,
}

/// `source.json`: what an intake claim stored.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct SourceInfo {
    /// The commit, for a Git source.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub commit: Option<String>,
    /// The branch or tag that it was, for a Git source.
    #[serde(rename = "ref", default, skip_serializing_if = "Option::is_none")]
    pub git_ref: Option<String>,
    /// Digest of `source.tar.zst`.
    pub sha256: Sha256Digest,
    /// Size of `source.tar.zst`, in bytes.
    pub stored_bytes: u64,
    /// Bytes of all files.
    pub bytes: u64,
    /// Number of files.
    pub files: u64,
    /// What was left out or changed.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub warnings: Vec<String>,
}

/// `claims/<f>.json` and `intake/<f>.json`: the first thing a holder writes, so that a reindex restores the counters.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ClaimMark {
    /// Who took the job.
    pub worker: WorkerId,
    /// Which attempt it is, from 1.
    pub attempt: u32,
    /// When it was taken.
    pub at: Timestamp,
}

/// `deleted.json`: unknown to everyone from then on.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct DeletedMark {
    /// When it was deleted.
    pub at: Timestamp,
}

/// What a build asked of the network.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase")]
pub struct EgressHost {
    /// Host name or address as the build named it.
    pub host: String,
    /// Port.
    pub port: u16,
    /// Bytes from the build.
    pub sent: u64,
    /// Bytes to the build.
    pub received: u64,
    /// How often it was asked for.
    pub requests: u64,
    /// Which rule refused it; only with what was refused.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<EgressRefusal>,
}

/// The egress receipt of one claim.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase")]
pub struct EgressReceipt {
    /// When the build had a network.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub network: Option<NetworkAccess>,
    /// Hosts that were reached.
    pub allowed: Vec<EgressHost>,
    /// Hosts that were refused, each with the rule.
    pub refused: Vec<EgressHost>,
    /// Connections to, and refusals of, more hosts than a receipt names.
    #[serde(default, skip_serializing_if = "is_zero")]
    #[cfg_attr(feature = "openapi", schema(required = false))]
    pub unnamed: u64,
}

impl EgressReceipt {
    /// Bytes from the build and to it, in all.
    #[must_use]
    pub fn totals(&self) -> (u64, u64) {
        let sum = |of: fn(&EgressHost) -> u64| self.allowed.iter().map(of).fold(0, u64::saturating_add);
        (sum(|host| host.sent), sum(|host| host.received))
    }
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "the signature that serde asks for")]
fn is_not(said: &bool) -> bool {
    !*said
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "the signature that serde asks for")]
fn is_zero(count: &u64) -> bool {
    *count == 0
}

/// What is visible to visitors.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Published {
    /// The build claim whose artifacts and manifest count.
    pub claim: ClaimNumber,
    /// The key of the manifest.
    pub manifest_key: String,
    /// Root digest of the manifest.
    pub root: Sha256Digest,
    /// Number of artifacts.
    pub files: u64,
    /// Bytes of all artifacts.
    pub bytes: u64,
}

/// `result.json`: the commit marker. Decided once, so equal bytes whoever writes it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ResultRecord {
    /// The deployment.
    pub id: DeploymentId,
    /// `deployed`, `failed` or `cancelled`.
    pub state: DeploymentState,
    /// Why it failed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub failure: Option<Failure>,
    /// What visitors see; only with `deployed`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub published: Option<Published>,
    /// The attempt that counted, from 1; 0 when it never began.
    pub attempt: u32,
    /// The intake claim whose snapshot was built.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub source_claim: Option<ClaimNumber>,
    /// The effective plan.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub plan: Option<BuildPlan>,
    /// The builder image.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub image: Option<String>,
    /// Phase timings up to the decision.
    #[serde(default)]
    pub phases: Vec<PhaseTiming>,
    /// Most memory the build used, in bytes.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub peak_memory_bytes: Option<u64>,
    /// What the build asked of the network.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub egress: Option<EgressReceipt>,
    /// The deployment whose snapshot this one was made from.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub parent: Option<DeploymentId>,
    /// Where the request that made it stood in its caller's trace.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub traceparent: Option<TraceParent>,
    /// The key of the log.
    pub log_key: String,
    /// When it was accepted.
    pub created_at: Timestamp,
    /// When the outcome was decided.
    pub ended_at: Timestamp,
}
