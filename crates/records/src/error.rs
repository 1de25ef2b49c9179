//! What can go wrong where store and state meet.

use shipstack_service::failpoint::Injected;
use shipstack_state::StateError;
use shipstack_storage::StoreError;
use shipstack_types::Code;

/// An error of this crate: one of the two below, or a record that does not read as one.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum RecordsError {
    /// The object store.
    #[error("the object store failed")]
    Store(#[from] StoreError),
    /// Redis or the in-process state.
    #[error("the state failed")]
    State(#[from] StateError),
    /// A record is not of its form.
    #[error("the record {key} cannot be read")]
    Unreadable {
        /// The object's key.
        key: String,
        /// Why.
        source: serde_json::Error,
    },
    /// A record cannot be written as JSON.
    #[error("a record cannot be written")]
    Unwritable {
        /// Why.
        source: serde_json::Error,
    },
    /// An object that another object names is not there.
    #[error("the object {key} is missing")]
    Missing {
        /// The object's key.
        key: String,
    },
    /// The handler of a job panicked: a bug of ours, which is in the log with its place.
    #[error("the worker panicked at this job")]
    Panicked,
    /// A test asked for it.
    #[error(transparent)]
    Injected(#[from] Injected),
    /// Compressing or reading the log archive failed.
    #[error("the log archive failed")]
    Archive(#[from] std::io::Error),
}

impl RecordsError {
    /// Whether objects of one deployment are to blame, and no other is concerned: a record that is torn, far too large or
    /// not there. One damaged object must not take the others with it.
    pub fn is_damage(&self) -> bool {
        matches!(
            self,
            Self::Unreadable { .. } | Self::Missing { .. } | Self::Store(StoreError::TooLarge { .. })
        )
    }

    /// What a person is told.
    pub fn code(&self) -> Code {
        match self {
            Self::State(error) if error.is_unavailable() => Code::RedisUnavailable,
            Self::Store(error) => error.code(),
            _ => Code::Internal,
        }
    }
}
