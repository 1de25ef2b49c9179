//! Why the building of one job ends early.

use shipstack_records::{BuildReport, JobEnd};
use shipstack_types::Failure;

/// A failure to be reported, or a job that was told to stop.
#[derive(Debug)]
pub(crate) enum Halt {
    /// The deployment, or this attempt, fails with this.
    Failed(Box<Failure>),
    /// Somebody said stop; the runner knows why.
    Stopped,
}

/// The outcome of one step of a build.
pub(crate) type Step<T> = Result<T, Halt>;

impl Halt {
    /// As the runner takes it.
    pub(crate) fn end(self, report: BuildReport) -> JobEnd {
        match self {
            Self::Failed(failure) => JobEnd::Failed(Box::new(report), *failure),
            Self::Stopped => JobEnd::Stopped,
        }
    }
}

impl From<Failure> for Halt {
    fn from(failure: Failure) -> Self {
        Self::Failed(Box::new(failure))
    }
}
