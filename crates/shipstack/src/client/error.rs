//! What can go wrong with a call.

use reqwest::StatusCode;
use serde::Deserialize;

use crate::terminal_text::{sentences, shown};

/// Why a call had no good answer.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub(crate) enum ApiError {
    /// Nobody answers there, or the connection broke.
    #[error(
        "{base} does not answer ({why}); start it with `shipstack up` (`cargo xtask up` in a checkout), or name it with \
         --api or SHIPSTACK_API_URL"
    )]
    Unreachable { base: String, why: String },
    /// Nobody knows that deployment.
    #[error("there is no deployment {id}; `shipstack ls` shows what there is")]
    Unknown { id: String },
    /// It wants a token, and none was given.
    #[error("{base} asks for a token; give it with --token or SHIPSTACK_TOKEN")]
    TokenNeeded { base: String },
    /// It has another token.
    #[error(
        "this is not the token of {base}; --token or SHIPSTACK_TOKEN has to be the one that the server was started with"
    )]
    TokenWrong { base: String },
    /// It answered with a refusal.
    #[error("{}", sentences(detail, remedy))]
    Refused { status: StatusCode, code: String, detail: String, remedy: String },
    /// It answered with something that is not shipstack's.
    #[error(
        "{base} answered with {status} and something that shipstack does not say; is it another service?"
    )]
    Foreign { base: String, status: StatusCode },
}

/// `application/problem+json`, as far as a person needs it.
#[derive(Deserialize)]
struct Problem {
    #[serde(default)]
    code: String,
    detail: String,
    #[serde(default)]
    remedy: String,
}

/// What was asked, and of whom.
pub(crate) struct Called<'a> {
    pub(crate) base: &'a str,
    pub(crate) path: &'a str,
    pub(crate) has_token: bool,
}

impl Called<'_> {
    /// The deployment that it was about.
    fn deployment(&self) -> Option<&str> {
        let (_, rest) = self.path.split_once("/v1/deployments/")?;
        rest.split('/').next().filter(|id| !id.is_empty())
    }
}

impl ApiError {
    /// What an answer to a request for this path means to a person at a terminal.
    pub(crate) fn of(called: &Called<'_>, status: StatusCode, body: &[u8]) -> Self {
        let code = serde_json::from_slice::<Problem>(body).map(|problem| problem.code).unwrap_or_default();
        let base = || called.base.to_owned();
        match (code.as_str(), called.deployment(), called.has_token) {
            ("not_found", Some(id), _) => Self::Unknown { id: shown(id) },
            ("unauthorized", _, false) => Self::TokenNeeded { base: base() },
            ("unauthorized", _, true) => Self::TokenWrong { base: base() },
            _ => Self::refused(called.base, status, body),
        }
    }

    fn refused(base: &str, status: StatusCode, body: &[u8]) -> Self {
        match serde_json::from_slice::<Problem>(body) {
            Ok(Problem { code, detail, remedy }) => Self::Refused { status, code, detail, remedy },
            Err(_) => Self::Foreign { base: base.to_owned(), status },
        }
    }

    /// The code of the table, where the server gave one.
    pub(crate) fn code(&self) -> Option<&str> {
        match self {
            Self::Unknown { .. } => Some("not_found"),
            Self::TokenNeeded { .. } | Self::TokenWrong { .. } => Some("unauthorized"),
            Self::Refused { code, .. } => Some(code.as_str()).filter(|code| !code.is_empty()),
            Self::Unreachable { .. } | Self::Foreign { .. } => None,
        }
    }

    /// What happened, and what to do about it.
    pub(crate) fn in_parts(&self) -> (String, Option<String>) {
        if let Self::Refused { detail, remedy, .. } = self {
            return (detail.clone(), Some(remedy.clone()).filter(|remedy| !remedy.is_empty()));
        }
        // The sentences above are written so.
        let words = self.to_string();
        match words.split_once("; ") {
            Some((detail, remedy)) => (detail.to_owned(), Some(remedy.to_owned())),
            None => (words, None),
        }
    }

    /// Whether trying again soon can help.
    pub(crate) fn is_passing(&self) -> bool {
        match self {
            Self::Unreachable { .. } => true,
            Self::Unknown { .. } | Self::TokenNeeded { .. } | Self::TokenWrong { .. } => false,
            Self::Refused { status, .. } | Self::Foreign { status, .. } => status.is_server_error(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn said(path: &str, has_token: bool, code: &str) -> String {
        let called = Called { base: "http://api", path, has_token };
        let body = format!(r#"{{"code":"{code}","detail":"What happened.","remedy":"What to do."}}"#);
        ApiError::of(&called, StatusCode::BAD_REQUEST, body.as_bytes()).to_string()
    }

    #[test]
    fn a_refusal_is_told_in_the_terms_of_a_command_line() {
        let unknown = said("/v1/deployments/abc/cancel", true, "not_found");
        assert_eq!(unknown, "there is no deployment abc; `shipstack ls` shows what there is");
        assert!(said("/v1/deployments", false, "unauthorized").contains("asks for a token"));
        assert!(said("/v1/deployments", true, "unauthorized").contains("not the token of http://api"));
        assert_eq!(said("/v1/deployments/abc", true, "too_late"), "What happened. What to do.");
        assert_eq!(said("/v1/deployments", true, "not_found"), "What happened. What to do.");
    }
}
