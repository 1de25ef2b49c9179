//! A source tree as data: names of everything, bytes of the few files that decide the plan.

use crate::RelPath;
use std::collections::BTreeMap;

/// One entry of a source tree.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum TreeEntry {
    /// A regular file of this many bytes.
    File {
        /// Size in bytes.
        bytes: u64,
    },
    /// A folder.
    Folder,
    /// A relative link that stays inside the tree, with its target as written.
    Link {
        /// The target as written.
        target: String,
    },
}

/// Names of all entries, sorted, and the bytes of the files that a plan reads (package.json, lockfiles, configuration).
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct SourceTree {
    entries: BTreeMap<RelPath, TreeEntry>,
    contents: BTreeMap<RelPath, Vec<u8>>,
}

impl SourceTree {
    /// Largest file whose bytes are kept for the plan.
    pub const MAX_CONTENT_BYTES: u64 = 8 * 1024 * 1024;

    /// Adds an entry; the folders above it are added too.
    pub fn add(&mut self, path: RelPath, entry: TreeEntry) {
        let mut above = path.parent();
        while let Some(folder) = above.filter(|folder| !folder.is_root()) {
            above = folder.parent();
            self.entries.entry(folder).or_insert(TreeEntry::Folder);
        }
        self.entries.insert(path, entry);
    }

    /// Adds a regular file with its bytes.
    pub fn add_content(&mut self, path: RelPath, bytes: Vec<u8>) {
        let size = u64::try_from(bytes.len()).unwrap_or(u64::MAX);
        self.add(path.clone(), TreeEntry::File { bytes: size });
        self.contents.insert(path, bytes);
    }

    /// Whether a regular file of this name is there.
    #[must_use]
    pub fn has_file(&self, path: &RelPath) -> bool {
        matches!(self.entries.get(path), Some(TreeEntry::File { .. }))
    }

    /// What is at this path.
    #[must_use]
    pub fn get(&self, path: &RelPath) -> Option<&TreeEntry> {
        self.entries.get(path)
    }

    /// The bytes of a file, when they were kept.
    #[must_use]
    pub fn content(&self, path: &RelPath) -> Option<&[u8]> {
        self.contents.get(path).map(Vec::as_slice)
    }

    /// Everything, sorted by path.
    pub fn entries(&self) -> impl Iterator<Item = (&RelPath, &TreeEntry)> {
        self.entries.iter()
    }

    /// The names directly in a folder, sorted.
    pub fn names_in<'a>(&'a self, folder: &'a RelPath) -> impl Iterator<Item = &'a str> {
        let inside = self.entries.keys().filter(move |path| path.parent().as_ref() == Some(folder));
        inside.map(RelPath::name)
    }
}
