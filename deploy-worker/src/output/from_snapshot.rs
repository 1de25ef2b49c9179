//! A folder of the source that is the site already: a plain static site, or a prebuilt archive.

use super::check::{Name, judge_name};
use super::links::target_of;
use super::read::Collector;
use super::{OutputError, OutputSummary};
use shipstack_source::{SnapshotKind, SnapshotReader};
use shipstack_types::RelPath;

/// Reads a folder of a snapshot to its end. Blocking.
pub(crate) fn read_snapshot(
    snapshot: &SnapshotReader,
    folder: &RelPath,
    mut collector: Collector,
) -> Result<OutputSummary, OutputError> {
    let mut entries = snapshot.entries(folder)?;
    while let Some(mut entry) = entries.next_entry()? {
        let path = match judge_name(entry.path.as_str().as_bytes())? {
            Name::Publish(path) => path,
            Name::LeaveOut(path) => {
                collector.left_out(path);
                continue;
            }
            Name::Root => continue,
        };
        match entry.kind.clone() {
            SnapshotKind::Folder => {}
            SnapshotKind::File { bytes, .. } => collector.file(path, bytes, &mut entry)?,
            SnapshotKind::Link(target) => {
                let target = target_of(&path, target.as_str().as_bytes())?;
                collector.link(path, target)?;
            }
        }
    }
    Ok(collector.summary)
}
