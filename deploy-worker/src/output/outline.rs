//! What would be published of an output folder, without publishing it.

use super::{Collector, read_tar, resolve_links};
use shipstack_records::HiddenValues;
use shipstack_types::{ManifestEntry, OutputLimits};
use std::error::Error;
use tokio::sync::mpsc;

/// Reads the tar of an output folder as a build's end does, and answers every file that would be published, links
/// resolved, in the order they are found. For property tests: the whole list is held in memory, so the limits should be
/// small. Blocking, and not to be called from within a runtime.
pub fn outline(tar: &[u8], limits: OutputLimits) -> Result<Vec<ManifestEntry>, Box<dyn Error>> {
    let room = limits.files;
    let (files, mut read) = mpsc::channel(usize::try_from(room)?.saturating_add(1));
    let summary = read_tar(tar, Collector::new(limits, HiddenValues::default(), files))?;
    let mut entries = Vec::new();
    while let Ok(file) = read.try_recv() {
        let content_type = shipstack_rules::content_type(file.path.as_str()).into_owned();
        entries.push(ManifestEntry { path: file.path, bytes: file.bytes, sha256: file.sha256, content_type });
    }
    let room = room.saturating_sub(u64::try_from(entries.len())?);
    let copies = resolve_links(&summary, &entries, room)?;
    entries.extend(copies.into_iter().map(|copy| ManifestEntry { path: copy.path, ..copy.of }));
    Ok(entries)
}
