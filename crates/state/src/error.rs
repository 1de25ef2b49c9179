//! What can go wrong between us and the state.

use shipstack_types::DeploymentId;
use shipstack_types::job::Refusal;

/// Why a call did not do what it is for.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum StateError {
    /// Redis cannot be reached, answers too late, or says that it cannot work now (loading, read-only, full).
    /// Trying again later is right.
    #[error("Redis cannot be used now ({operation})")]
    Unavailable {
        /// What was tried.
        operation: &'static str,
        /// What the client says; `None` for a deadline of ours.
        source: Option<redis::RedisError>,
    },
    /// The claim no longer holds the job: stop the work and show nothing of it.
    #[error("the claim on {id} is lost")]
    LeaseLost {
        /// The job.
        id: DeploymentId,
    },
    /// The job is not in a state in which this may happen.
    #[error("{id}: {refusal}")]
    Refused {
        /// The job.
        id: DeploymentId,
        /// Why.
        refusal: Refusal,
    },
    /// A line was offered whose predecessor never came.
    #[error("the log of {id} ends before line {missing}")]
    LogGap {
        /// The job.
        id: DeploymentId,
        /// The line that is missing.
        missing: u64,
    },
    /// A key that we need holds something else; an operator must remove it.
    #[error("a Redis key has the wrong type ({operation})")]
    WrongType {
        /// What was tried.
        operation: &'static str,
        /// What Redis says.
        source: redis::RedisError,
    },
    /// Redis answered something that our scripts do not say.
    #[error("Redis gave an answer that cannot be read ({operation})")]
    Unreadable {
        /// What was tried.
        operation: &'static str,
        /// What the client says, when it is the client's.
        source: Option<redis::RedisError>,
    },
    /// The address or the prefix is no good; it never will be.
    #[error("the Redis settings cannot be used: {reason}")]
    Settings {
        /// What is wrong, without the password.
        reason: String,
    },
}

impl StateError {
    /// Whether trying again later is right.
    #[must_use]
    pub fn is_unavailable(&self) -> bool {
        matches!(self, Self::Unavailable { .. } | Self::WrongType { .. })
    }

    /// Whether Redis is there and does not let us in.
    #[must_use]
    pub fn is_wrong_password(&self) -> bool {
        use redis::{ErrorKind, ServerErrorKind};
        let refused = |error: &redis::RedisError| {
            let kind = error.kind();
            kind == ErrorKind::AuthenticationFailed
                || kind == ErrorKind::Server(ServerErrorKind::NoPerm)
                || matches!(error.code(), Some("NOAUTH" | "WRONGPASS"))
        };
        match self {
            Self::Unavailable { source: Some(source), .. }
            | Self::Unreadable { source: Some(source), .. } => refused(source),
            _ => false,
        }
    }

    pub(crate) fn unreadable(operation: &'static str) -> Self {
        Self::Unreadable { operation, source: None }
    }
}
