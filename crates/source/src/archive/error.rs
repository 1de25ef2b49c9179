//! Why an archive was not taken.

use super::header::MemberError;
use crate::Refusal;
use rustix::io::Errno;
use shipstack_types::Code;
use std::io;

/// An archive that was not taken, or could not be.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ArchiveError {
    /// An entry or a limit.
    #[error(transparent)]
    Refused(#[from] Refusal),
    /// The first bytes are of no archive that is taken, or of another than was said.
    #[error("the body is not the archive it should be: a tar, plain or in gzip or zstd, is accepted")]
    UnsupportedType,
    /// The body as it arrives is larger than allowed.
    #[error("the body is larger than {limit} bytes")]
    BodyTooLarge {
        /// The limit in bytes.
        limit: u64,
    },
    /// It does not decompress, or ends too early.
    #[error("the archive is damaged or cut short")]
    Damaged(#[source] io::Error),
    /// The body stopped arriving, or the client left.
    #[error("the body did not arrive")]
    Body(#[source] Box<dyn std::error::Error + Send + Sync>),
    /// The spool refused.
    #[error("the archive cannot be kept here")]
    Disk(#[source] io::Error),
}

impl ArchiveError {
    /// The code of the table for this. A body that does not arrive is the caller's to judge: it made the stream.
    #[must_use]
    pub fn code(&self) -> Code {
        match self {
            Self::Refused(Refusal::Escape { .. }) => Code::PathEscape,
            Self::Refused(Refusal::EntryType { .. }) | Self::Damaged(_) => Code::EntryType,
            Self::Refused(Refusal::Limit { .. }) => Code::ArchiveLimit,
            Self::UnsupportedType => Code::UnsupportedMediaType,
            Self::BodyTooLarge { .. } => Code::BodyTooLarge,
            Self::Body(_) => Code::RequestTimeout,
            Self::Disk(error) if error.kind() == io::ErrorKind::StorageFull => Code::DiskFull,
            // Too many files are open, in this process or on the machine: there are fewer in a moment.
            Self::Disk(error) if too_many_open(error) => Code::Overloaded,
            Self::Disk(_) => Code::Internal,
        }
    }
}

fn too_many_open(error: &io::Error) -> bool {
    matches!(Errno::from_io_error(error), Some(Errno::MFILE | Errno::NFILE))
}

/// What a reader passed up, taken apart again: refusals and the body's own errors travel inside I/O errors.
impl From<io::Error> for ArchiveError {
    fn from(error: io::Error) -> Self {
        let inner = match error.downcast::<Refusal>() {
            Ok(refusal) => return Self::Refused(refusal),
            Err(error) => error,
        };
        match inner.downcast::<ArchiveError>() {
            Ok(error) => error,
            Err(error) => Self::Damaged(error),
        }
    }
}

impl From<MemberError> for ArchiveError {
    fn from(error: MemberError) -> Self {
        match error {
            MemberError::Refused(refusal) => Self::Refused(refusal),
            MemberError::Input(error) => error.into(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_machine_that_is_used_up_is_told_from_one_that_is_broken() {
        let code = |errno: Errno| ArchiveError::Disk(errno.into()).code();
        assert_eq!(
            [Errno::NOSPC, Errno::MFILE, Errno::NFILE].map(code),
            [Code::DiskFull, Code::Overloaded, Code::Overloaded]
        );
        assert_eq!(code(Errno::IO), Code::Internal);
    }
}
