//! Takes an archive's members into an index and one unlinked file of contents.

use super::ArchiveError;
use super::bounded::WorkTime;
use super::header::{Member, MemberKind, Members};
use super::intake::ArchiveUse;
use crate::index::{FileMode, FileSlot, Index};
use crate::{LinkTarget, Refusal};
use shipstack_types::{RelPath, SourceLimits};
use std::collections::BTreeSet;
use std::fs::File;
use std::io::{BufWriter, Read, Write};

/// Members that may be passed over for each one that may be kept, so that leaving out has an end too.
const PASSED_OVER: u64 = 4;

/// What was taken in: where each file begins in `contents`.
pub(crate) struct Gathered {
    pub(crate) index: Index<u64>,
    pub(crate) contents: File,
    pub(crate) warnings: Vec<String>,
}

pub(crate) struct Gatherer {
    index: Index<u64>,
    contents: BufWriter<File>,
    written: u64,
    use_as: ArchiveUse,
    left_out: BTreeSet<RelPath>,
    room_for_members: u64,
    time: WorkTime,
}

impl Gatherer {
    pub(crate) fn new(contents: File, limits: &SourceLimits, use_as: ArchiveUse, time: WorkTime) -> Self {
        Self {
            index: Index::new(limits.clone()),
            contents: BufWriter::new(contents),
            written: 0,
            use_as,
            left_out: BTreeSet::new(),
            room_for_members: limits.files.saturating_mul(PASSED_OVER + 1),
            time,
        }
    }

    /// Every member of the archive, or the first thing that is wrong with it.
    pub(crate) fn gather<R: Read>(mut self, members: &mut Members<R>) -> Result<Gathered, ArchiveError> {
        while let Some(member) = members.next()? {
            self.time.check()?;
            self.take(&member, members)?;
        }
        if let Some((_, refusal)) = self.index.broken_links().into_iter().next() {
            return Err(refusal.into());
        }
        let mut warnings =
            self.left_out.iter().map(|path| format!("{path}/ was left out")).collect::<Vec<_>>();
        let from_git = members.comment().is_some_and(is_commit);
        let index = if from_git { unwrap_top(self.index, &mut warnings) } else { self.index };
        let contents = self.contents.into_inner().map_err(|error| ArchiveError::Disk(error.into_error()))?;
        Ok(Gathered { index, contents, warnings })
    }

    fn take(&mut self, member: &Member, content: &mut impl Read) -> Result<(), ArchiveError> {
        let path = path_of(&member.path)?;
        self.room_for_members = self.room_for_members.checked_sub(1).ok_or_else(|| {
            Refusal::limit("an archive has too many entries that are left out", &member.path)
        })?;
        if let Some(folder) = self.use_as.leaves_out(&path) {
            self.left_out.insert(folder);
            return Ok(());
        }
        match &member.kind {
            MemberKind::Folder => self.index.add_folder(&path)?,
            MemberKind::Link { target } => {
                let target =
                    LinkTarget::parse(&path, target).map_err(|why| Refusal::link(&member.path, why))?;
                self.index.add_link(&path, target)?;
            }
            MemberKind::File { bits, bytes } => {
                let slot = FileSlot { mode: FileMode::of(*bits), bytes: *bytes, content: self.written };
                self.index.add_file(&path, slot)?;
                self.copy(content, *bytes)?;
            }
        }
        Ok(())
    }

    /// Reading and writing fail for different people, so `io::copy` will not do.
    fn copy(&mut self, content: &mut impl Read, bytes: u64) -> Result<(), ArchiveError> {
        let mut buffer = vec![0; 64 * 1024];
        let mut content = content.take(bytes);
        loop {
            let read = content.read(&mut buffer)?;
            let Some(chunk) = buffer.get(..read).filter(|chunk| !chunk.is_empty()) else {
                break;
            };
            self.contents.write_all(chunk).map_err(ArchiveError::Disk)?;
            self.time.check()?;
        }
        self.written = self.written.saturating_add(bytes);
        Ok(())
    }
}

/// A member's name as a path of the tree; `./a` and `a/` are the usual ways to write `a`.
fn path_of(raw: &[u8]) -> Result<RelPath, Refusal> {
    if raw.is_empty() {
        return Err(Refusal::escape(raw, "an entry without a name"));
    }
    if raw.starts_with(b"/") {
        return Err(Refusal::escape(raw, "an absolute name"));
    }
    let mut name = raw;
    while let Some(rest) = name.strip_prefix(b"./") {
        name = rest;
    }
    let name = name.strip_suffix(b"/").unwrap_or(name);
    let name = if name == b"." { b"" } else { name };
    RelPath::from_bytes(name).map_err(|why| Refusal::name(raw, why))
}

/// `git archive` writes the commit into a global comment; code hosts then wrap everything in one folder.
fn is_commit(comment: &str) -> bool {
    matches!(comment.len(), 40 | 64) && comment.bytes().all(|byte| byte.is_ascii_hexdigit())
}

/// Takes the one top folder off. Only for archives that git made: anywhere else a single folder may be meant.
fn unwrap_top(index: Index<u64>, warnings: &mut Vec<String>) -> Index<u64> {
    let Some(top) = index.single_top() else {
        return index;
    };
    match index.strip(&top) {
        Ok(inside) => {
            warnings.push(format!("the archive's top folder {top}/ was taken off"));
            inside
        }
        Err(whole) => whole,
    }
}
