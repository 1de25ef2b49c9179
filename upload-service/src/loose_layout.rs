//! A snapshot as loose files (`SHIPSTACK_SNAPSHOT_LAYOUT=files`), as the Node system's own consumers read it.
//!
//! Modes, links and empty folders are lost in that layout, as they were there. What is a key of the contract's table
//! is left aside and named.

use shipstack_records::{Records, RecordsError};
use shipstack_source::{SnapshotEntries, SnapshotKind, SnapshotReader};
use shipstack_storage::{ObjectKey, PutBody};
use shipstack_types::{DeploymentId, RelPath};
use std::io::{self, Read};
use tokio::sync::mpsc;

/// Files read ahead of the store.
const FILES_AHEAD: usize = 2;

/// Stores every regular file under its own key. Answers the paths that were left aside.
pub(crate) async fn store(
    records: &Records,
    id: &DeploymentId,
    reader: SnapshotReader,
) -> Result<Vec<RelPath>, RecordsError> {
    let (send, mut files) = mpsc::channel(FILES_AHEAD);
    let reading = tokio::task::spawn_blocking(move || read(reader.entries(&RelPath::root())?, &send));
    while let Some((path, content)) = files.recv().await {
        let key = ObjectKey::Loose { id: id.clone(), path };
        records.store.put(&key, PutBody::from(content), None).await?;
    }
    Ok(reading.await.map_err(io::Error::from)??)
}

fn read(mut entries: SnapshotEntries, send: &mpsc::Sender<(RelPath, Vec<u8>)>) -> io::Result<Vec<RelPath>> {
    let mut aside = Vec::new();
    while let Some(mut entry) = entries.next_entry()? {
        let path = entry.path.clone();
        match entry.kind {
            SnapshotKind::File { .. } if ObjectKey::is_reserved(&path) => aside.push(path),
            SnapshotKind::File { .. } => {
                let mut content = Vec::new();
                entry.read_to_end(&mut content)?;
                send.blocking_send((path, content)).map_err(io::Error::other)?;
            }
            SnapshotKind::Link(_) => aside.push(path),
            SnapshotKind::Folder => {}
        }
    }
    Ok(aside)
}
