//! The entries of a snapshot one by one, for whoever publishes or stores them as they are.

use super::read::{Node, Nodes, SnapshotReader};
use crate::LinkTarget;
use crate::index::FileMode;
use shipstack_types::RelPath;
use std::io::{self, Read};

/// The entries of a folder of a snapshot, in order. Blocking: for a blocking task.
pub struct SnapshotEntries {
    nodes: Nodes,
    folder: RelPath,
}

/// One entry of a snapshot. Reading from it gives a file's bytes.
pub struct SnapshotEntry<'a> {
    /// The path, seen from the folder that was asked for.
    pub path: RelPath,
    /// What it is.
    pub kind: SnapshotKind,
    content: &'a mut dyn Read,
}

/// What an entry is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum SnapshotKind {
    /// A folder.
    Folder,
    /// A regular file.
    File {
        /// Whether it may be executed.
        mode: FileMode,
        /// Its size in bytes.
        bytes: u64,
    },
    /// A link that stays inside the snapshot (not always inside the folder that was asked for).
    Link(LinkTarget),
}

impl SnapshotReader {
    /// Everything under `folder` (the root for all).
    pub fn entries(&self, folder: &RelPath) -> io::Result<SnapshotEntries> {
        Ok(SnapshotEntries { nodes: self.nodes()?, folder: folder.clone() })
    }
}

impl SnapshotEntries {
    /// The next entry; what was not read of the one before is passed over.
    pub fn next_entry(&mut self) -> io::Result<Option<SnapshotEntry<'_>>> {
        while let Some((path, node)) = self.nodes.next()? {
            let Some(path) = path.strip(&self.folder).filter(|path| !path.is_root()) else {
                continue;
            };
            let kind = match node {
                Node::Folder => SnapshotKind::Folder,
                Node::File { mode, bytes } => SnapshotKind::File { mode, bytes },
                Node::Link(target) => SnapshotKind::Link(target),
            };
            return Ok(Some(SnapshotEntry { path, kind, content: &mut self.nodes.members }));
        }
        Ok(None)
    }
}

impl Read for SnapshotEntry<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        self.content.read(buffer)
    }
}
