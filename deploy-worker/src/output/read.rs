//! One artifact as it is read, and what reading a whole folder found.

use super::check::Budget;
use bytes::Bytes;
use sha2::{Digest, Sha256};
use shipstack_records::{HiddenSearch, HiddenValues};
use shipstack_storage::PutBody;
use shipstack_types::{OutputLimits, RelPath, Sha256Digest};
use std::collections::BTreeMap;
use std::io::{self, Read, Write};
use std::sync::Arc;
use tokio::sync::mpsc;

/// Files up to this size are held in memory on their way to the store.
const IN_MEMORY_BYTES: u64 = 1024 * 1024;
const CHUNK_BYTES: usize = 64 * 1024;

/// Why an output folder cannot be published.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub(crate) enum OutputError {
    /// Something in it, which is named.
    #[error("{what}")]
    Refused {
        /// What, and why.
        what: String,
    },
    /// Reading it, or spooling it on this machine, failed.
    #[error("the output could not be read")]
    Read(#[from] io::Error),
    /// Nobody takes the files any more: the upload failed or was stopped.
    #[error("the upload ended early")]
    Abandoned,
}

/// One artifact, whole and digested.
pub(crate) struct OutputFile {
    /// Its path in the site.
    pub(crate) path: RelPath,
    /// Its size in bytes.
    pub(crate) bytes: u64,
    /// Its digest.
    pub(crate) sha256: Sha256Digest,
    /// Its bytes.
    pub(crate) body: PutBody,
}

/// What else a folder holds.
#[derive(Debug, Default)]
pub(crate) struct OutputSummary {
    /// Links by path, with the path they lead to, both inside the folder.
    pub(crate) links: BTreeMap<RelPath, RelPath>,
    /// How many names were left out, and the first of them.
    pub(crate) left_out: u64,
    /// The first name that was left out.
    pub(crate) first_left_out: Option<RelPath>,
    /// Variables whose values the log hides and files tell.
    pub(crate) told: BTreeMap<Arc<str>, Told>,
}

/// Where the value of a variable stands.
#[derive(Debug)]
pub(crate) struct Told {
    /// The first file that was read.
    pub(crate) first: RelPath,
    /// How many.
    pub(crate) files: u64,
}

/// Where the files go while the folder is read.
pub(crate) struct Collector {
    budget: Budget,
    hidden: HiddenValues,
    files: mpsc::Sender<OutputFile>,
    pub(super) summary: OutputSummary,
}

impl Collector {
    /// Takes what these limits let be published, hands it to this channel, and looks for these values in it.
    pub(crate) fn new(limits: OutputLimits, hidden: HiddenValues, files: mpsc::Sender<OutputFile>) -> Self {
        Self { budget: Budget::new(limits), hidden, files, summary: OutputSummary::default() }
    }

    /// Reads one file of exactly `bytes` bytes and hands it on; waits while the upload is behind.
    pub(super) fn file(
        &mut self,
        path: RelPath,
        bytes: u64,
        content: &mut dyn Read,
    ) -> Result<(), OutputError> {
        self.budget.take(&path, bytes)?;
        let mut search = self.hidden.search();
        let (sha256, body) = read_whole(content, bytes, &mut search)?;
        for variable in search.found() {
            let told =
                self.summary.told.entry(variable).or_insert_with(|| Told { first: path.clone(), files: 0 });
            told.files += 1;
        }
        let file = OutputFile { path, bytes, sha256, body };
        self.files.blocking_send(file).map_err(|_| OutputError::Abandoned)
    }

    pub(super) fn link(&mut self, path: RelPath, target: RelPath) -> Result<(), OutputError> {
        self.budget.take(&path, 0)?;
        self.summary.links.insert(path, target);
        Ok(())
    }

    pub(super) fn left_out(&mut self, path: RelPath) {
        self.summary.left_out += 1;
        self.summary.first_left_out.get_or_insert(path);
    }
}

fn read_whole(
    content: &mut dyn Read,
    bytes: u64,
    search: &mut HiddenSearch<'_>,
) -> io::Result<(Sha256Digest, PutBody)> {
    if bytes <= IN_MEMORY_BYTES {
        let mut whole = Vec::new();
        content.take(bytes).read_to_end(&mut whole)?;
        expect_size(whole.len() as u64, bytes)?;
        search.read(&whole);
        return Ok((Sha256Digest::of(&whole), PutBody::Bytes(Bytes::from(whole))));
    }
    let mut file = tempfile::tempfile()?;
    let mut digest = Sha256::new();
    let mut buffer = vec![0; CHUNK_BYTES];
    let mut copied = 0;
    let mut content = content.take(bytes);
    loop {
        let count = content.read(&mut buffer)?;
        let Some(chunk) = buffer.get(..count).filter(|chunk| !chunk.is_empty()) else { break };
        digest.update(chunk);
        search.read(chunk);
        file.write_all(chunk)?;
        copied += chunk.len() as u64;
    }
    expect_size(copied, bytes)?;
    Ok((Sha256Digest::from_bytes(digest.finalize().into()), PutBody::from_file(file)?))
}

fn expect_size(found: u64, announced: u64) -> io::Result<()> {
    if found == announced { Ok(()) } else { Err(io::ErrorKind::UnexpectedEof.into()) }
}
