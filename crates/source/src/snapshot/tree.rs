//! The tree of a snapshot as data, for the plan.

use super::read::{CorruptSnapshot, Node, SnapshotReader, read_small};
use shipstack_types::{RelPath, SourceTree, TreeEntry};
use std::io;

/// All kept bytes together; a tree with thousands of package.json files must not fill the memory.
const MAX_KEPT_BYTES: u64 = 64 * 1024 * 1024;

impl SnapshotReader {
    /// Names of everything, and the bytes of the files that `wanted` picks, each at most
    /// [`SourceTree::MAX_CONTENT_BYTES`] and 64 MiB together; further ones are listed without their bytes.
    pub async fn read_tree(&self, wanted: fn(&RelPath) -> bool) -> Result<SourceTree, CorruptSnapshot> {
        let reader = self.clone();
        let read = tokio::task::spawn_blocking(move || reader.read_tree_blocking(wanted));
        read.await.map_err(io::Error::from).and_then(|read| read).map_err(CorruptSnapshot::Content)
    }

    fn read_tree_blocking(&self, wanted: fn(&RelPath) -> bool) -> io::Result<SourceTree> {
        let mut tree = SourceTree::default();
        let mut nodes = self.nodes()?;
        let mut room = MAX_KEPT_BYTES;
        while let Some((path, node)) = nodes.next()? {
            match node {
                Node::Folder => tree.add(path, TreeEntry::Folder),
                Node::Link(target) => tree.add(path, TreeEntry::Link { target: target.as_str().to_owned() }),
                Node::File { bytes, .. }
                    if bytes <= SourceTree::MAX_CONTENT_BYTES.min(room) && wanted(&path) =>
                {
                    room -= bytes;
                    tree.add_content(path, read_small(&mut nodes.members, bytes)?);
                }
                Node::File { bytes, .. } => tree.add(path, TreeEntry::File { bytes }),
            }
        }
        Ok(tree)
    }
}
