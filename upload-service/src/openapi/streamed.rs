//! What streams are made of. The data of events are the types that are sent; what is around them, the name of the event
//! or the message of the WebSocket, is written as text where it is sent, and stands here as documentation.

use serde::Serialize;
use shipstack_types::{DeploymentId, DeploymentState, LogLine, Phase};
use utoipa::ToSchema;

/// One text message of a log's WebSocket, or one event of its event stream: there the name is the value of `event:`, the
/// rest that of `data:`.
#[derive(Serialize, ToSchema)]
#[serde(tag = "event", content = "data", rename_all = "lowercase")]
#[expect(dead_code, reason = "documentation")]
pub(crate) enum LogEvent {
    /// A line; its number is the id of the event.
    Line(LogLine),
    /// The log is over: the last one.
    End(LogEnd),
}

/// How the deployment ended whose log is over.
#[derive(Serialize, ToSchema)]
pub(crate) struct LogEnd {
    pub(crate) status: DeploymentState,
}

/// One event of the stream of changes: the name is the value of `event:`, the rest that of `data:`.
#[derive(Serialize, ToSchema)]
#[serde(tag = "event", content = "data", rename_all = "lowercase")]
#[expect(dead_code, reason = "documentation")]
pub(crate) enum ChangeEvent {
    /// Read what you show anew, then apply what follows.
    Reset(Nothing),
    /// A deployment came to be, or changed.
    Deployment(DeploymentChanged),
    /// A deployment is gone for ever.
    Deleted(DeploymentDeleted),
}

/// An object without fields.
#[derive(Serialize, ToSchema)]
pub(crate) struct Nothing {}

/// What became of a deployment.
#[derive(Serialize, ToSchema)]
pub(crate) struct DeploymentChanged {
    pub(crate) id: DeploymentId,
    pub(crate) status: DeploymentState,
    /// What is being done; `null` once it ended.
    pub(crate) phase: Option<Phase>,
}

/// A deployment that is gone.
#[derive(Serialize, ToSchema)]
pub(crate) struct DeploymentDeleted {
    pub(crate) id: DeploymentId,
}
