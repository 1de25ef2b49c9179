//! The store in a folder of this machine.
//!
//! An object is written to a temporary file beside the objects, synced, renamed into place, and its folder synced:
//! it is whole or absent, also after a power cut. Several processes may share the folder. Content types are not
//! kept: visitors get theirs from the manifest (contract §5).

mod listing;
mod name;
mod write;

use std::fs::File;
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use bytes::Bytes;
use futures_util::{StreamExt, TryStreamExt, stream};

use crate::backend::{Backend, Cursor, FolderPage, RawPage};
use crate::body::{file_chunks, read_chunk};
use crate::{Object, PutBody, StoreError};

/// What a look at the store writes: less would fit beside what is there.
const PROBE_BYTES: usize = 4096;
/// What is no longer than this is read with its opening: a second visit to the blocking pool costs more than the bytes.
const SMALL_BYTES: u64 = 16 * 1024;

/// A folder with `objects/` and `incoming/` in it.
#[derive(Debug, Clone)]
pub(crate) struct Folder {
    objects: PathBuf,
    incoming: PathBuf,
}

impl Folder {
    /// Opens the folder, making it where it does not exist, and sweeps what killed processes left half-written.
    pub(crate) async fn open(path: &Path) -> Result<Self, StoreError> {
        let folder = Self { objects: path.join("objects"), incoming: path.join("incoming") };
        let opened = folder.clone();
        blocking(&path.display().to_string(), move || write::prepare(&folder.objects, &folder.incoming))
            .await?;
        Ok(opened)
    }

    fn path(&self, key: &str) -> PathBuf {
        self.objects.join(name::of_object(key))
    }
}

/// Runs file system work where it may block, and says which key it was about when it fails.
async fn blocking<T: Send + 'static>(
    key: &str,
    work: impl FnOnce() -> io::Result<T> + Send + 'static,
) -> Result<T, StoreError> {
    let done = tokio::task::spawn_blocking(work).await;
    done.unwrap_or_else(|panicked| Err(io::Error::other(panicked)))
        .map_err(|error| StoreError::from_io(key, error))
}

/// `None` for what is not there.
fn if_there<T>(result: io::Result<T>) -> io::Result<Option<T>> {
    match result {
        Ok(value) => Ok(Some(value)),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(error),
    }
}

/// A file that was opened, with all its bytes if they are few.
struct Opened {
    file: File,
    length: u64,
    whole: Option<Bytes>,
}

fn open(path: &Path) -> io::Result<Opened> {
    let file = File::open(path)?;
    let length = file.metadata()?.len();
    let whole = (length <= SMALL_BYTES).then(|| read_chunk(&file, 0, length)).transpose()?;
    Ok(Opened { file, length, whole })
}

impl Opened {
    fn object(self, key: &str) -> Object {
        let key = key.to_owned();
        let body = match self.whole {
            Some(bytes) => stream::iter([Ok(bytes)]).boxed(),
            None => file_chunks(Arc::new(self.file), self.length)
                .map_err(move |error| StoreError::from_io(&key, error))
                .boxed(),
        };
        Object { length: self.length, content_type: None, body }
    }
}

impl Backend for Folder {
    async fn check(&self) -> Result<(), StoreError> {
        let incoming = self.incoming.clone();
        // Only a block that is written tells a full disk; an empty file fits on one.
        let write = move || tempfile::tempfile_in(incoming)?.write_all(&[1; PROBE_BYTES]);
        blocking("the store", write).await
    }

    async fn put(&self, key: &str, body: PutBody, _content_type: Option<&str>) -> Result<(), StoreError> {
        let (folder, name) = (self.clone(), name::of_object(key));
        blocking(key, move || write::store(&folder.incoming, (&folder.objects, &name), &body)).await
    }

    async fn copy(&self, from: &str, to: &str) -> Result<bool, StoreError> {
        let (folder, from, name) = (self.clone(), self.path(from), name::of_object(to));
        let copy = move || {
            let Some(file) = if_there(File::open(from))? else { return Ok(false) };
            let body = PutBody::from_file(file)?;
            write::store(&folder.incoming, (&folder.objects, &name), &body).map(|()| true)
        };
        blocking(to, copy).await
    }

    async fn get(&self, key: &str) -> Result<Option<Object>, StoreError> {
        let path = self.path(key);
        let opened = blocking(key, move || if_there(open(&path))).await?;
        Ok(opened.map(|opened| opened.object(key)))
    }

    async fn get_each(&self, keys: &[String]) -> Result<Vec<Option<Object>>, StoreError> {
        let paths: Vec<PathBuf> = keys.iter().map(|key| self.path(key)).collect();
        let open_each = move || paths.iter().map(|path| if_there(open(path))).collect::<io::Result<Vec<_>>>();
        let opened = blocking(&keys.join(" or "), open_each).await?;
        Ok(keys.iter().zip(opened).map(|(key, opened)| Some(opened?.object(key))).collect())
    }

    async fn length(&self, key: &str) -> Result<Option<u64>, StoreError> {
        let path = self.path(key);
        blocking(key, move || if_there(path.metadata().map(|metadata| metadata.len()))).await
    }

    async fn delete(&self, key: &str) -> Result<(), StoreError> {
        let (objects, path) = (self.objects.clone(), self.path(key));
        blocking(key, move || write::remove(&objects, &path)).await
    }

    async fn list(&self, prefix: &str, cursor: Cursor<'_>) -> Result<RawPage, StoreError> {
        let (objects, prefix_owned) = (self.objects.clone(), prefix.to_owned());
        let (after, limit) = (cursor.after.map(PathBuf::from), cursor.limit);
        blocking(prefix, move || listing::objects(&objects, &prefix_owned, after.as_deref(), limit)).await
    }

    async fn folders(&self, prefix: &str, cursor: Cursor<'_>) -> Result<FolderPage, StoreError> {
        let folder = self.objects.join(name::of_prefix(prefix));
        let (after, limit) = (cursor.after.map(str::to_owned), cursor.limit);
        blocking(prefix, move || listing::folders(&folder, after.as_deref(), limit)).await
    }
}
