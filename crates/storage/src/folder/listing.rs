//! Listings, in the order of the paths, so that a page continues where the last one ended without reading it again.

use std::fs::Metadata;
use std::io;
use std::path::Path;

use shipstack_types::Timestamp;
use walkdir::{DirEntry, WalkDir};

use super::{if_there, name};
use crate::backend::{FolderPage, RawEntry, RawPage};
use crate::memory::page_of;

/// The objects under `prefix`, after the path `after` (relative to the prefix), at most `limit`.
pub(super) fn objects(
    objects: &Path,
    prefix: &str,
    after: Option<&Path>,
    limit: usize,
) -> io::Result<RawPage> {
    let folder = objects.join(name::of_prefix(prefix));
    let mut page = RawPage::default();
    let wanted = |entry: &DirEntry| after.is_none_or(|after| may_follow(entry.path(), &folder.join(after)));
    let walk = WalkDir::new(&folder).follow_links(false).sort_by_file_name();
    let mut last = None;
    for entry in walk.into_iter().filter_entry(wanted) {
        let Some(entry) = if_there(entry.map_err(io::Error::from))? else { continue };
        let Some(metadata) = of_file(&entry)? else { continue };
        let path = entry.path();
        let (Ok(key), Ok(below)) = (path.strip_prefix(objects), path.strip_prefix(&folder)) else { continue };
        if page.entries.len() == limit {
            page.next = last;
            break;
        }
        // A file whose name no key has was put there by somebody else.
        let Some(key) = name::key_of(key) else { continue };
        let stored_at = metadata.modified().ok().map(Timestamp::from);
        page.entries.push(RawEntry { key, bytes: metadata.len(), stored_at });
        last = below.to_str().map(str::to_owned);
    }
    Ok(page)
}

/// Whether an entry, or something in it, can come after `after` in the order of paths.
fn may_follow(entry: &Path, after: &Path) -> bool {
    entry > after || after.starts_with(entry) && entry != after
}

/// What is known of a file; `None` for a folder, and for a file that is gone again.
fn of_file(entry: &DirEntry) -> io::Result<Option<Metadata>> {
    if !entry.file_type().is_file() {
        return Ok(None);
    }
    if_there(entry.metadata().map_err(io::Error::from))
}

/// The names of the folders in `folder`, after `after`, at most `limit`.
pub(super) fn folders(folder: &Path, after: Option<&str>, limit: usize) -> io::Result<FolderPage> {
    let Some(entries) = if_there(std::fs::read_dir(folder))? else { return Ok(FolderPage::default()) };
    let mut names = Vec::new();
    for entry in entries {
        // A folder's path as a key is its name and a slash.
        let key = name::key_of(Path::new(&entry?.file_name()));
        names.extend(key.and_then(|key| key.strip_suffix('/').map(str::to_owned)));
    }
    names.retain(|name| after.is_none_or(|after| name.as_str() > after));
    names.sort_unstable();
    Ok(page_of(names.into_iter(), limit))
}
