//! How a command ended, as scripts see it.

use std::process::ExitCode;

/// The exit codes of contract §9; 2, a wrong command line or setting, ends the program before any command runs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Exit {
    /// Done.
    Done,
    /// It failed, and standard error says why.
    Failed,
    /// A person stopped it.
    Interrupted,
}

impl From<Exit> for ExitCode {
    fn from(exit: Exit) -> Self {
        match exit {
            Exit::Done => Self::SUCCESS,
            Exit::Failed => Self::FAILURE,
            Exit::Interrupted => Self::from(130),
        }
    }
}
