//! What can go wrong with a call.

use reqwest::StatusCode;
use serde::Deserialize;

use crate::terminal_text::sentences;

/// Why a call had no good answer.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub(crate) enum ApiError {
    /// Nobody answers there, or the connection broke.
    #[error(
        "{base} does not answer; start it with `shipstack up`, or name it with --api or SHIPSTACK_API_URL"
    )]
    Unreachable { base: String, source: reqwest::Error },
    /// It answered with a refusal.
    #[error("{}", sentences(detail, remedy))]
    Refused { status: StatusCode, detail: String, remedy: String },
    /// It answered with something that is not shipstack's.
    #[error(
        "{base} answered with {status} and something that shipstack does not say; is it another service?"
    )]
    Foreign { base: String, status: StatusCode },
}

/// `application/problem+json`, as far as a person needs it.
#[derive(Deserialize)]
struct Problem {
    detail: String,
    #[serde(default)]
    remedy: String,
}

impl ApiError {
    pub(crate) fn refused(base: &str, status: StatusCode, body: &[u8]) -> Self {
        match serde_json::from_slice::<Problem>(body) {
            Ok(Problem { detail, remedy }) => Self::Refused { status, detail, remedy },
            Err(_) => Self::Foreign { base: base.to_owned(), status },
        }
    }

    /// Whether trying again soon can help.
    pub(crate) fn is_passing(&self) -> bool {
        match self {
            Self::Unreachable { .. } => true,
            Self::Refused { status, .. } | Self::Foreign { status, .. } => status.is_server_error(),
        }
    }
}
