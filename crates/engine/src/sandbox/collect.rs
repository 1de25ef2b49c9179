//! Reading what a build made, after everything in the sandbox has stopped.
//!
//! Guarantees: nothing changes under the reader; no link on the way to a folder is followed. The entries themselves
//! are hostile: links, special files and names are for the caller to judge.

use super::{PROJECT_FOLDER, Sandbox};
use crate::error::{EngineError, is_not_found};
use crate::exec::capture;
use crate::spec::WORKSPACE;
use bollard::query_parameters::{ContainerArchiveInfoOptions, DownloadFromContainerOptions};
use bytes::Bytes;
use futures_util::{Stream, StreamExt};
use shipstack_types::RelPath;
use std::fmt;
use std::io;
use std::pin::Pin;
use std::sync::atomic::Ordering;
use std::time::Duration;

/// What a path of the workspace is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum EntryKind {
    /// A folder, reached through folders.
    Folder,
    /// A regular file, reached through folders.
    File,
    /// A link, a special file, or reached through one.
    Other,
}

/// The content of a folder.
pub struct Collected {
    /// The first segment of every entry's name, the folder itself: cut it off.
    pub top: String,
    /// A tar, as the engine writes it.
    pub tar: Pin<Box<dyn Stream<Item = io::Result<Bytes>> + Send>>,
}

impl fmt::Debug for Collected {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Collected").field("top", &self.top).finish_non_exhaustive()
    }
}

/// Go's file mode bits for folders and for everything that is no regular file.
const FOLDER_BIT: u32 = 1 << 31;
const SPECIAL_BITS: u32 = FOLDER_BIT | 1 << 27 | 1 << 26 | 1 << 25 | 1 << 24 | 1 << 21 | 1 << 19;
/// Listing folders is for an error message.
const LIST_CAP: (usize, Duration) = (64 * 1024, Duration::from_secs(10));

impl Sandbox {
    /// What a path of the source is after the build; `None` when there is nothing. Stops the sandbox.
    pub async fn entry(&self, path: &RelPath) -> Result<Option<EntryKind>, EngineError> {
        self.stop().await?;
        let mut below = format!("{WORKSPACE}/{PROJECT_FOLDER}");
        let mut kind = EntryKind::Folder;
        for segment in path.segments() {
            if kind != EntryKind::Folder {
                return Ok((kind == EntryKind::Other).then_some(EntryKind::Other));
            }
            below = format!("{below}/{segment}");
            match self.kind_of(below.clone()).await? {
                Some(found) => kind = found,
                None => return Ok(None),
            }
        }
        Ok(Some(kind))
    }

    /// The content of a folder of the source; `None` when it is no folder. Stops the sandbox.
    pub async fn collect(&self, folder: &RelPath) -> Result<Option<Collected>, EngineError> {
        if self.entry(folder).await? != Some(EntryKind::Folder) {
            return Ok(None);
        }
        let top = if folder.is_root() { PROJECT_FOLDER } else { folder.name() };
        let path = format!("{WORKSPACE}/{PROJECT_FOLDER}/{folder}").trim_end_matches('/').to_owned();
        let options = DownloadFromContainerOptions { path };
        let tar = self.core.client.lasting.download_from_container(&self.container, Some(options));
        let tar = tar.map(|chunk| chunk.map_err(io::Error::other));
        Ok(Some(Collected { top: top.to_owned(), tar: Box::pin(tar) }))
    }

    /// The folders of the source after the build, without dependencies and hidden ones, two levels deep: what a
    /// person is told when the output folder is not there. Starts the container once more, with nothing in it.
    pub async fn list_folders(&self) -> Result<Vec<RelPath>, EngineError> {
        self.stop().await?;
        let doing = "list the folders";
        let started = self.core.client.quick.start_container(&self.container, None).await;
        started.map_err(|error| EngineError::of(doing, error))?;
        self.stopped.store(false, Ordering::Release);
        let root = format!("{WORKSPACE}/{PROJECT_FOLDER}");
        let find = [
            "/usr/bin/find",
            &root,
            "-mindepth",
            "1",
            "-maxdepth",
            "2",
            "(",
            "-name",
            "node_modules",
            "-o",
            "-name",
            ".*",
            ")",
            "-prune",
            "-o",
            "-type",
            "d",
            "-printf",
            "%P\n",
        ];
        let listed = capture(&self.core.client, &self.container, &find, LIST_CAP).await;
        self.stop().await?;
        let listed = listed?.unwrap_or_default();
        let mut folders: Vec<RelPath> = listed.lines().filter_map(|line| line.parse().ok()).collect();
        folders.sort();
        Ok(folders)
    }

    async fn kind_of(&self, path: String) -> Result<Option<EntryKind>, EngineError> {
        let options = ContainerArchiveInfoOptions { path };
        match self.core.client.quick.get_container_archive_info(&self.container, Some(options)).await {
            Ok(found) if found.file_mode & SPECIAL_BITS == FOLDER_BIT => Ok(Some(EntryKind::Folder)),
            Ok(found) if found.file_mode & SPECIAL_BITS == 0 => Ok(Some(EntryKind::File)),
            Ok(_) => Ok(Some(EntryKind::Other)),
            Err(error) if is_not_found(&error) => Ok(None),
            Err(error) => Err(EngineError::of("look at the output", error)),
        }
    }
}
