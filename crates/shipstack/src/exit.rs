//! How a command ended, as scripts see it.

use std::fmt::Display;
use std::process::ExitCode;

/// The exit codes of contract §9; a command line or setting that does not parse ends the program with 2 before any command
/// runs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Exit {
    /// Done.
    Done,
    /// It failed, and standard error says why.
    Failed,
    /// The command line makes no sense.
    Usage,
    /// A person stopped it.
    Interrupted,
}

impl From<Exit> for ExitCode {
    fn from(exit: Exit) -> Self {
        match exit {
            Exit::Done => Self::SUCCESS,
            Exit::Failed => Self::FAILURE,
            Exit::Usage => Self::from(2),
            Exit::Interrupted => Self::from(130),
        }
    }
}

/// A command line that parses and makes no sense.
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
pub(crate) struct Usage(String);

impl Usage {
    pub(crate) fn wrong(why: impl Display) -> anyhow::Error {
        Self(why.to_string()).into()
    }
}

impl From<&anyhow::Error> for Exit {
    fn from(error: &anyhow::Error) -> Self {
        if error.is::<Usage>() { Self::Usage } else { Self::Failed }
    }
}
