//! `git ls-tree -rz -l` as an index: paths, modes and sizes, every limit applied before a single blob is read.
//!
//! A few kilobytes of nested trees can name ten thousand million paths (hostile.md §2, 61); the listing is a stream and
//! ends at the first path over the limit.

use super::SourceError;
use super::blobs::{Blobs, ObjectId};
use super::group::{KillSwitch, piped};
use crate::index::{FileMode, FileSlot, Index};
use crate::refusal::quoted;
use crate::{LinkTarget, Refusal};
use shipstack_types::{RelPath, SourceLimits};
use std::io::{self, BufRead, BufReader, Read};
use std::process::{Command, Stdio};

/// Longest record that is read: mode, type, hash, size and a path over every limit.
const MAX_RECORD_BYTES: u64 = 8 * 1024;

/// A link's target longer than this is none that any system follows.
const MAX_TARGET_BYTES: u64 = 4096;

/// Names that a warning lists before it only counts.
const NAMED: usize = 5;

/// The tree with its regular files; links and submodules still apart.
pub(super) struct Listed {
    index: Index<ObjectId>,
    links: Vec<(RelPath, ObjectId, u64)>,
    submodules: Vec<RelPath>,
}

/// The whole tree, and what was left out.
pub(super) struct Listing {
    pub(super) index: Index<ObjectId>,
    pub(super) warnings: Vec<String>,
}

/// Lists the tree of a commit.
pub(super) fn list(
    mut command: Command,
    sha: &str,
    limits: &SourceLimits,
    switch: &KillSwitch,
) -> Result<Listed, SourceError> {
    command.args(["ls-tree", "-r", "-z", "-l", "--full-tree", sha]).stdout(Stdio::piped());
    let mut running = switch.start(&mut command)?;
    let mut stdout = BufReader::new(piped(running.child.stdout.take())?);
    let mut listed = Listed { index: Index::new(limits.clone()), links: Vec::new(), submodules: Vec::new() };
    loop {
        let mut record = Vec::new();
        stdout.by_ref().take(MAX_RECORD_BYTES).read_until(0, &mut record)?;
        if record.is_empty() {
            break;
        }
        listed.add(&record)?;
    }
    if running.wait()?.success() { Ok(listed) } else { Err(io::Error::other("git ls-tree failed").into()) }
}

impl Listed {
    /// One record: `<mode> <type> <hash> <size>\t<path>\0`.
    fn add(&mut self, record: &[u8]) -> Result<(), SourceError> {
        let (about, name) =
            split(record).ok_or_else(|| Refusal::entry_type(record, "a path that is too long"))?;
        let path = RelPath::from_bytes(name).map_err(|why| Refusal::name(name, why))?;
        let mut fields = about.split_ascii_whitespace();
        let (mode, _kind, hash) = (fields.next(), fields.next(), fields.next().unwrap_or_default());
        let (id, bytes) = (ObjectId(hash.to_owned()), fields.next().and_then(|size| size.parse().ok()));
        match (mode, bytes) {
            (Some("160000"), _) => self.submodules.push(path),
            (Some("120000"), Some(bytes)) => self.add_link(path, id, bytes)?,
            (Some(mode), Some(bytes)) if mode.starts_with("100") => {
                let bits = u32::from_str_radix(mode, 8).unwrap_or_default();
                self.index.add_file(&path, FileSlot { mode: FileMode::of(bits), bytes, content: id })?;
            }
            _ => return Err(Refusal::entry_type(name, "of a kind that is not taken").into()),
        }
        Ok(())
    }

    fn add_link(&mut self, path: RelPath, id: ObjectId, bytes: u64) -> Result<(), SourceError> {
        self.index.check_room(&path)?;
        self.links.push((path, id, bytes));
        Ok(())
    }

    /// Reads the links' targets. Unsafe ones are left out and named: repositories hold them for honest reasons, and
    /// unlike an archive a repository is not packed again in a minute.
    pub(super) fn with_links(mut self, blobs: &mut Blobs) -> Result<Listing, SourceError> {
        let mut unsafe_links = Vec::new();
        for (path, id, bytes) in std::mem::take(&mut self.links) {
            let target = if bytes <= MAX_TARGET_BYTES { blobs.read(&id, bytes)? } else { Vec::new() };
            match LinkTarget::parse(&path, &target) {
                Ok(target) => self.index.add_link(&path, target)?,
                Err(_) => unsafe_links.push(path),
            }
        }
        for (path, _) in self.index.broken_links() {
            self.index.remove(&path);
            unsafe_links.push(path);
        }
        let warnings = [
            left_out("submodules are not fetched", &self.submodules),
            left_out("links that leave the source or lead in a circle are left out", &unsafe_links),
        ];
        Ok(Listing { index: self.index, warnings: warnings.into_iter().flatten().collect() })
    }
}

fn split(record: &[u8]) -> Option<(&str, &[u8])> {
    let record = record.strip_suffix(b"\0")?;
    let tab = record.iter().position(|byte| *byte == b'\t')?;
    Some((std::str::from_utf8(record.get(..tab)?).ok()?, record.get(tab + 1..)?))
}

/// One line for one kind of thing, with the first few names.
pub(super) fn left_out(what: &str, paths: &[RelPath]) -> Option<String> {
    let names: Vec<String> = paths.iter().take(NAMED).map(|path| quoted(path.as_str().as_bytes())).collect();
    let more = paths.len().saturating_sub(NAMED);
    let more = if more == 0 { String::new() } else { format!(" and {more} more") };
    (!paths.is_empty()).then(|| format!("{what}: {}{more}", names.join(", ")))
}
