//! Reads a snapshot back, member by member, with the same suspicion as any archive: it came over a network.
//!
//! Blocking; the async faces are in `tree` and `volume`. What it is not: a way to unpack anything onto this machine.

use crate::archive::header::{Member, MemberError, MemberKind, Members};
use crate::index::FileMode;
use crate::{LinkTarget, Spool};
use bytes::Bytes;
use futures_util::{Stream, StreamExt};
use shipstack_types::{ArchiveLimits, RelPath, Sha256Digest};
use std::fs::File;
use std::io::{self, BufReader, Read, Write};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use tempfile::NamedTempFile;

/// A stored snapshot that is not what was stored, or is none at all.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum CorruptSnapshot {
    /// Its digest is another one.
    #[error("the stored source has another digest than {expected}")]
    Digest {
        /// The digest that was recorded.
        expected: Sha256Digest,
    },
    /// It does not read as a snapshot.
    #[error("the stored source does not read as a snapshot")]
    Content(#[source] io::Error),
    /// The spool refused.
    #[error("the stored source cannot be kept here")]
    Spool(#[source] io::Error),
    /// It stopped arriving.
    #[error("the stored source cannot be fetched")]
    Fetch(#[source] Box<dyn std::error::Error + Send + Sync>),
}

/// A snapshot in a local file. Clones read the same file; a downloaded one goes with the last of them.
#[derive(Clone, Debug)]
pub struct SnapshotReader {
    path: PathBuf,
    _held: Option<Arc<NamedTempFile>>,
}

/// One entry as it is read.
pub(crate) enum Node {
    Folder,
    File { mode: FileMode, bytes: u64 },
    Link(LinkTarget),
}

/// The members of a snapshot, as checked paths and nodes; reading from `members` gives the current file's bytes.
pub(crate) struct Nodes {
    pub(crate) members: Members<zstd::Decoder<'static, BufReader<File>>>,
}

impl SnapshotReader {
    /// Reads the snapshot in this file.
    #[must_use]
    pub fn at(path: &Path) -> Self {
        Self { path: path.to_owned(), _held: None }
    }

    /// Reads the snapshot in this temporary file and keeps the file.
    pub(crate) fn holding(file: NamedTempFile) -> Self {
        Self { path: file.path().to_owned(), _held: Some(Arc::new(file)) }
    }

    /// Fetches a stored snapshot into the spool and holds it to the digest that was recorded for it.
    pub async fn fetch<S, E>(
        mut stored: S,
        expected: Sha256Digest,
        spool: &Spool,
    ) -> Result<Self, CorruptSnapshot>
    where
        S: Stream<Item = Result<Bytes, E>> + Unpin,
        E: Into<Box<dyn std::error::Error + Send + Sync>>,
    {
        let file = spool.named().map_err(CorruptSnapshot::Spool)?;
        let sink = file.as_file().try_clone().map_err(CorruptSnapshot::Spool)?;
        let mut sink = super::write::Hashing::new(sink);
        while let Some(chunk) = stored.next().await {
            let chunk = chunk.map_err(|error| CorruptSnapshot::Fetch(error.into()))?;
            sink = tokio::task::spawn_blocking(move || sink.write_all(&chunk).map(|()| sink))
                .await
                .map_err(|error| CorruptSnapshot::Spool(error.into()))?
                .map_err(CorruptSnapshot::Spool)?;
        }
        let (found, _) = sink.finish().map_err(CorruptSnapshot::Spool)?;
        if found != expected {
            return Err(CorruptSnapshot::Digest { expected });
        }
        Ok(Self::holding(file))
    }

    pub(crate) fn nodes(&self) -> io::Result<Nodes> {
        let limits = ArchiveLimits::default();
        let mut decoder = zstd::Decoder::new(File::open(&self.path)?)?;
        decoder.window_log_max(limits.zstd_window_log)?;
        Ok(Nodes { members: Members::new(decoder, limits.extension_bytes) })
    }
}

impl Nodes {
    pub(crate) fn next(&mut self) -> io::Result<Option<(RelPath, Node)>> {
        let member = self.members.next().map_err(|error| match error {
            MemberError::Refused(refusal) => io::Error::new(io::ErrorKind::InvalidData, refusal),
            MemberError::Input(error) => error,
        })?;
        member.map(node).transpose()
    }
}

fn node(member: Member) -> io::Result<(RelPath, Node)> {
    let name = member.path.strip_suffix(b"/").unwrap_or(&member.path);
    let path = RelPath::from_bytes(name).map_err(invalid)?;
    let node = match member.kind {
        MemberKind::Folder => Node::Folder,
        MemberKind::File { bits, bytes } => Node::File { mode: FileMode::of(bits), bytes },
        MemberKind::Link { target } => Node::Link(LinkTarget::parse(&path, &target).map_err(invalid)?),
    };
    Ok((path, node))
}

fn invalid(error: impl std::error::Error + Send + Sync + 'static) -> io::Error {
    io::Error::new(io::ErrorKind::InvalidData, error)
}

/// Reads the rest of the current file into memory, at most `limit` bytes.
pub(crate) fn read_small(content: &mut impl Read, limit: u64) -> io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    content.take(limit).read_to_end(&mut bytes)?;
    Ok(bytes)
}
