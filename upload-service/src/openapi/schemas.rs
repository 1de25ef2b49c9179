//! Forms that only the document needs.

use serde::Serialize;
use shipstack_types::{Check, Code, DeploymentId};
use utoipa::ToSchema;

/// Bytes as they are.
#[derive(ToSchema)]
#[schema(value_type = String, format = Binary)]
#[expect(dead_code, reason = "documentation")]
pub(crate) struct Binary(Vec<u8>);

/// A refusal of a classic route: the Node system's shape, with ours added.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct ClassicProblem {
    /// What did not work: `Deployment failed`, `Status failed`.
    message: String,
    /// What is wrong.
    error: String,
    code: Code,
    /// What to do.
    remedy: String,
    /// The id under which it stands in the server's log.
    request_id: String,
    /// The deployment that it is about, where one was made.
    #[serde(skip_serializing_if = "Option::is_none")]
    id: Option<DeploymentId>,
}

/// Whether the process is able to work, check by check.
#[derive(Serialize, ToSchema)]
pub(crate) struct Readiness {
    /// `ok` or `failing`.
    status: String,
    checks: Vec<Check>,
}

/// The process is up.
#[derive(Serialize, ToSchema)]
pub(crate) struct ClassicHealth {
    /// `ok`.
    status: String,
    timestamp: shipstack_types::Timestamp,
}
