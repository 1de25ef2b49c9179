//! What can go wrong with the object store. "Not there" of a look-up is no error but `Ok(None)`.

use shipstack_types::Code;
use std::error::Error;
use std::io;

/// The cause of a failure, for the log.
type Cause = Box<dyn Error + Send + Sync>;

/// Why the store could not do it. Every variant is the platform's fault, never the user's, except that
/// [`TooLarge`](Self::TooLarge) and [`KeyTooLong`](Self::KeyTooLong) can be brought about by what users store.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum StoreError {
    /// It did not answer, not in time, or with an error of its own: worth another try.
    #[error("the object store is unavailable (at {key})")]
    Unavailable {
        /// The key or prefix at hand.
        key: String,
        /// What happened.
        source: Cause,
    },
    /// A body ended early or ran over: worth another try.
    #[error("{key} has not the {expected} bytes it should have")]
    WrongLength {
        /// The object's key.
        key: String,
        /// How many bytes were announced.
        expected: u64,
    },
    /// The key, the secret or the bucket's policy does not allow it.
    #[error("the object store denies access (at {key})")]
    Denied {
        /// The key or prefix at hand.
        key: String,
        /// What it answered.
        source: Cause,
    },
    /// The bucket does not exist.
    #[error("the bucket {bucket} does not exist")]
    NoBucket {
        /// Its name.
        bucket: String,
    },
    /// The object is larger than the caller or the store takes.
    #[error("{key} is larger than {limit} bytes")]
    TooLarge {
        /// The object's key.
        key: String,
        /// The limit, in bytes.
        limit: u64,
    },
    /// The key is longer than the 1,024 bytes that S3 takes.
    #[error("the object key is longer than 1024 bytes: {key}")]
    KeyTooLong {
        /// The key.
        key: String,
    },
    /// The folder's disk is full.
    #[error("the disk is full (at {key})")]
    DiskFull {
        /// The key at hand.
        key: String,
        /// What the system said.
        source: io::Error,
    },
    /// The store understood and refused; trying again cannot help.
    #[error("the object store refuses (at {key})")]
    Refused {
        /// The key or prefix at hand.
        key: String,
        /// What it answered.
        source: Cause,
    },
}

impl StoreError {
    /// Whether the same call may succeed a little later.
    pub fn is_transient(&self) -> bool {
        matches!(self, Self::Unavailable { .. } | Self::WrongLength { .. })
    }

    /// What a person is told.
    pub fn code(&self) -> Code {
        match self {
            Self::DiskFull { .. } => Code::DiskFull,
            _ => Code::StoreUnavailable,
        }
    }

    /// The store did not answer in time.
    pub(crate) fn stalled(key: &str) -> Self {
        Self::Unavailable { key: key.to_owned(), source: "no answer in time".into() }
    }

    /// A failure of the local file system.
    pub(crate) fn from_io(key: &str, source: io::Error) -> Self {
        let key = key.to_owned();
        match source.kind() {
            io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded => Self::DiskFull { key, source },
            io::ErrorKind::PermissionDenied | io::ErrorKind::ReadOnlyFilesystem => {
                Self::Denied { key, source: source.into() }
            }
            io::ErrorKind::InvalidFilename => Self::KeyTooLong { key },
            _ => Self::Unavailable { key, source: source.into() },
        }
    }
}
