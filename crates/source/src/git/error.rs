//! Why a repository did not become a snapshot.

use crate::Refusal;
use shipstack_types::{Code, Failure, Phase};
use std::io;

/// A git source that was not taken, or could not be.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum SourceError {
    /// Git, or the look-up of the host, ended in one of the ways the table knows.
    #[error("{detail}")]
    Git {
        /// The code of the table.
        code: Code,
        /// What was said, escaped.
        detail: String,
    },
    /// The server sends the fetch elsewhere; following it would undo the check of its host.
    #[error("The server redirects to another address, which is not followed.")]
    Redirected,
    /// The content of the repository.
    #[error(transparent)]
    Refused(#[from] Refusal),
    /// The time is up.
    #[error("cloning took longer than {seconds} s")]
    Timeout {
        /// The limit in seconds.
        seconds: u64,
    },
    /// This machine: git is missing, the spool refuses, a pipe broke.
    #[error("the source could not be fetched here")]
    Machine(#[from] io::Error),
}

impl SourceError {
    /// The code of the table for this.
    #[must_use]
    pub fn code(&self) -> Code {
        match self {
            Self::Git { code, .. } => *code,
            Self::Redirected => Code::AddressNotAllowed,
            Self::Refused(Refusal::Escape { .. }) => Code::PathEscape,
            Self::Refused(Refusal::EntryType { .. }) => Code::EntryType,
            Self::Refused(Refusal::Limit { .. }) => Code::SourceTooLarge,
            Self::Timeout { .. } => Code::CloneTimeout,
            Self::Machine(error) if error.kind() == io::ErrorKind::StorageFull => Code::DiskFull,
            Self::Machine(_) => Code::Internal,
        }
    }

    /// The failure that a deployment ends with.
    #[must_use]
    pub fn failure(&self) -> Failure {
        let code = self.code();
        let in_content = matches!(code, Code::SourceTooLarge | Code::PathEscape | Code::EntryType);
        let stage = if in_content { Phase::Snapshotting } else { Phase::Cloning };
        let failure = Failure::new(stage, code);
        match self {
            // The machine's own words go to our log, not to the user.
            Self::Machine(_) => failure,
            Self::Redirected => failure
                .message(self.to_string())
                .remedy("Deploy the address that it redirects to: open it in a browser."),
            _ => {
                let message = format!("{} {self}", failure.message);
                failure.message(message)
            }
        }
    }

    pub(crate) fn git(code: Code, detail: impl Into<String>) -> Self {
        Self::Git { code, detail: detail.into() }
    }
}
