//! The table of contents of a source tree while it is taken in: every rule about names, kinds and counts, no bytes.
//!
//! It guarantees: nothing twice, nothing under a file or a link, no limit passed, no link that leaves the tree. It is
//! held in memory, bounded by the number of entries and the length of a path. `T` tells where a file's bytes are.

use crate::link::follow;
use crate::{LinkTarget, Refusal};
use shipstack_types::{RelPath, SourceLimits};
use std::collections::BTreeMap;

/// Whether a file may be executed; the only bit of a mode that a snapshot keeps.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum FileMode {
    /// 0644.
    #[default]
    Plain,
    /// 0755.
    Executable,
}

impl FileMode {
    /// The mode of a file whose permission bits are these.
    #[must_use]
    pub fn of(bits: u32) -> Self {
        if bits & 0o100 == 0 { Self::Plain } else { Self::Executable }
    }

    /// The permission bits in a snapshot.
    #[must_use]
    pub fn bits(self) -> u32 {
        match self {
            Self::Plain => 0o644,
            Self::Executable => 0o755,
        }
    }
}

/// What stands at one path.
#[derive(Debug)]
pub(crate) enum Slot<T> {
    Folder,
    File(FileSlot<T>),
    Link(LinkTarget),
}

/// A regular file and where its bytes are.
#[derive(Debug)]
pub(crate) struct FileSlot<T> {
    pub(crate) mode: FileMode,
    pub(crate) bytes: u64,
    pub(crate) content: T,
}

/// See the module.
#[derive(Debug)]
pub(crate) struct Index<T> {
    slots: BTreeMap<RelPath, Slot<T>>,
    limits: SourceLimits,
    bytes: u64,
}

impl<T> Index<T> {
    pub(crate) fn new(limits: SourceLimits) -> Self {
        Self { slots: BTreeMap::new(), limits, bytes: 0 }
    }

    /// A folder; naming one again changes nothing.
    pub(crate) fn add_folder(&mut self, path: &RelPath) -> Result<(), Refusal> {
        match self.slots.get(path) {
            Some(Slot::Folder) => Ok(()),
            Some(_) => Err(duplicate(path)),
            None if path.is_root() => Ok(()),
            None => self.insert(path, Slot::Folder),
        }
    }

    /// A regular file; its size counts before a byte of it is read.
    pub(crate) fn add_file(&mut self, path: &RelPath, file: FileSlot<T>) -> Result<(), Refusal> {
        self.check_bytes(path, file.bytes)?;
        self.bytes = self.bytes.saturating_add(file.bytes);
        self.insert(path, Slot::File(file))
    }

    /// A link that was checked against its place.
    pub(crate) fn add_link(&mut self, path: &RelPath, target: LinkTarget) -> Result<(), Refusal> {
        self.insert(path, Slot::Link(target))
    }

    /// Whether one more file of this size would still fit.
    pub(crate) fn check_bytes(&self, path: &RelPath, bytes: u64) -> Result<(), Refusal> {
        let SourceLimits { file_bytes, total_bytes, .. } = self.limits;
        if bytes > file_bytes {
            return Err(Refusal::limit(
                format!("a file has at most {file_bytes} bytes"),
                path.as_str().as_bytes(),
            ));
        }
        if self.bytes.saturating_add(bytes) > total_bytes {
            return Err(Refusal::limit(
                format!("a source has at most {total_bytes} bytes"),
                path.as_str().as_bytes(),
            ));
        }
        Ok(())
    }

    fn insert(&mut self, path: &RelPath, slot: Slot<T>) -> Result<(), Refusal> {
        if path.is_root() {
            return Err(Refusal::entry_type(b".", "the root of the source is not a folder"));
        }
        if path.depth() > self.limits.depth {
            let limit = format!("a path has at most {} segments", self.limits.depth);
            return Err(Refusal::limit(limit, path.as_str().as_bytes()));
        }
        self.add_parents(path)?;
        self.check_room(path)?;
        if self.slots.contains_key(path) {
            return Err(duplicate(path));
        }
        self.slots.insert(path.clone(), slot);
        Ok(())
    }

    /// The folders above `path`, checked or added; the loop ends at the first one that is known.
    fn add_parents(&mut self, path: &RelPath) -> Result<(), Refusal> {
        let mut above = path.parent();
        while let Some(folder) = above.filter(|folder| !folder.is_root()) {
            match self.slots.get(&folder) {
                Some(Slot::Folder) => return Ok(()),
                Some(Slot::File(_)) => {
                    return Err(Refusal::entry_type(path.as_str().as_bytes(), "lies under a file"));
                }
                Some(Slot::Link(_)) => {
                    return Err(Refusal::escape(path.as_str().as_bytes(), "lies under a link"));
                }
                None => {
                    self.check_room(path)?;
                    self.slots.insert(folder.clone(), Slot::Folder);
                }
            }
            above = folder.parent();
        }
        Ok(())
    }

    pub(crate) fn check_room(&self, path: &RelPath) -> Result<(), Refusal> {
        let count = u64::try_from(self.slots.len()).unwrap_or(u64::MAX);
        if count < self.limits.files {
            return Ok(());
        }
        let limit = format!("a source has at most {} files, folders and links", self.limits.files);
        Err(Refusal::limit(limit, path.as_str().as_bytes()))
    }

    /// The links that lead in a circle or through too many others, with the reason.
    pub(crate) fn broken_links(&self) -> Vec<(RelPath, Refusal)> {
        let links = self.slots.iter().filter(|(_, slot)| matches!(slot, Slot::Link(_)));
        let broken = links.filter_map(|(path, _)| {
            let why = follow(path, |at| self.link(at)).err()?;
            Some((path.clone(), Refusal::link(path.as_str().as_bytes(), why)))
        });
        broken.collect()
    }

    fn link(&self, path: &RelPath) -> Option<&LinkTarget> {
        match self.slots.get(path) {
            Some(Slot::Link(target)) => Some(target),
            _ => None,
        }
    }

    pub(crate) fn remove(&mut self, path: &RelPath) {
        self.slots.remove(path);
    }

    /// The one folder that everything lies in, if there is one.
    pub(crate) fn single_top(&self) -> Option<RelPath> {
        let mut top = self.slots.iter().filter(|(path, _)| path.depth() == 1);
        match (top.next(), top.next()) {
            (Some((path, Slot::Folder)), None) => Some(path.clone()),
            _ => None,
        }
    }

    /// The same tree seen from inside `top`, which holds all of it; `None` when a link reaches out of `top`.
    fn inside(&self, top: &RelPath) -> Option<Vec<(RelPath, RelPath)>> {
        let moved = self.slots.iter().map(|(path, slot)| {
            let inside = path.strip(top)?;
            match slot {
                Slot::Link(target) if LinkTarget::parse(&inside, target.as_str().as_bytes()).is_err() => None,
                _ => Some((path.clone(), inside)),
            }
        });
        moved.collect()
    }

    /// Takes `top` off every path.
    pub(crate) fn strip(mut self, top: &RelPath) -> Result<Self, Self> {
        let Some(moves) = self.inside(top) else {
            return Err(self);
        };
        let mut stripped = Self { slots: BTreeMap::new(), limits: self.limits.clone(), bytes: self.bytes };
        for (path, inside) in moves.into_iter().filter(|(_, inside)| !inside.is_root()) {
            if let Some(slot) = self.slots.remove(&path) {
                stripped.slots.insert(inside, slot);
            }
        }
        Ok(stripped)
    }

    /// Everything, sorted by path: a folder before what is in it.
    pub(crate) fn into_slots(self) -> BTreeMap<RelPath, Slot<T>> {
        self.slots
    }

    /// Regular files and links; folders do not count for a person.
    pub(crate) fn count_files(&self) -> u64 {
        let count = self.slots.values().filter(|slot| !matches!(slot, Slot::Folder)).count();
        u64::try_from(count).unwrap_or(u64::MAX)
    }

    /// All regular files together, in bytes.
    pub(crate) fn bytes(&self) -> u64 {
        self.bytes
    }
}

fn duplicate(path: &RelPath) -> Refusal {
    Refusal::entry_type(path.as_str().as_bytes(), "appears twice")
}
