//! What is asked of the index of deployments, and what it says.

use shipstack_types::{DeploymentId, DeploymentState, IdempotencyMark, ListCursor, Sha256Digest};
use std::time::Duration;

/// A page of the index.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct IndexQuery {
    /// Only those with this word; all of them without one.
    pub status: Option<DeploymentState>,
    /// Only those that come after this one; from the newest on without one.
    pub after: Option<ListCursor>,
    /// At most so many.
    pub most: usize,
}

/// A deployment in the index: when it was accepted, and its id.
pub type IndexEntry = ListCursor;

/// An idempotency key that somebody wants for a new deployment.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reservation {
    /// The key and what it is used for.
    pub mark: IdempotencyMark,
    /// The deployment that is to have it.
    pub id: DeploymentId,
    /// For how long.
    pub lasting: Duration,
}

/// Who has an idempotency key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reserved {
    /// The deployment: the one that asked, or an earlier one.
    pub id: DeploymentId,
    /// What it was used for.
    pub request: Sha256Digest,
}

/// The life of a server that an index is complete for.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct IndexRun(String);

impl IndexRun {
    pub(crate) fn of(run: String) -> Self {
        Self(run)
    }

    pub(crate) fn as_str(&self) -> &str {
        &self.0
    }
}
