//! Writing and removing, so that an object is whole or absent whatever happens.

use std::fs::{self, DirBuilder, File};
use std::io::{self, Write};
use std::path::Path;
use std::time::Duration;

use tempfile::NamedTempFile;

use super::if_there;
use crate::PutBody;
use crate::body::read_chunk;

/// A half-written file this old belongs to a process that is gone: no put takes a day.
const ABANDONED: Duration = Duration::from_hours(24);
/// How often a folder may vanish under a put (a delete emptied it) before that is an error.
const TRIES: u32 = 8;

/// Makes the two folders and removes abandoned half-written files.
pub(super) fn prepare(objects: &Path, incoming: &Path) -> io::Result<()> {
    fs::create_dir_all(objects)?;
    fs::create_dir_all(incoming)?;
    for entry in fs::read_dir(incoming)? {
        let path = entry?.path();
        // Another process may be finishing or removing it right now.
        let Some(metadata) = if_there(path.metadata())? else { continue };
        if metadata.modified()?.elapsed().is_ok_and(|age| age > ABANDONED) {
            if_there(fs::remove_file(&path))?;
        }
    }
    Ok(())
}

/// Stores `body` as the file `name` under `objects`.
pub(super) fn store(incoming: &Path, (objects, name): (&Path, &Path), body: &PutBody) -> io::Result<()> {
    let mut file = NamedTempFile::new_in(incoming)?;
    copy(body, file.as_file_mut())?;
    file.as_file().sync_all()?;
    let path = objects.join(name);
    for _ in 0..TRIES {
        let parent = make_folders(objects, name)?;
        match file.persist(&path) {
            Ok(_) => return sync_folder(&parent),
            Err(failed) if failed.error.kind() == io::ErrorKind::NotFound => file = failed.file,
            Err(failed) => return Err(failed.error),
        }
    }
    Err(io::Error::other("the folder vanishes again and again"))
}

fn copy(body: &PutBody, to: &mut File) -> io::Result<()> {
    let (file, length) = match body {
        PutBody::Bytes(bytes) => return to.write_all(bytes),
        PutBody::File { file, length } => (file, *length),
    };
    let mut offset = 0;
    while offset < length {
        let chunk = read_chunk(file, offset, length)?;
        to.write_all(&chunk)?;
        offset += u64::try_from(chunk.len()).map_err(io::Error::other)?;
    }
    Ok(())
}

/// Makes the folders that `name` lies in, each one durable, and answers the innermost.
fn make_folders(objects: &Path, name: &Path) -> io::Result<std::path::PathBuf> {
    let mut folder = objects.to_path_buf();
    for piece in name.parent().into_iter().flat_map(Path::components) {
        let next = folder.join(piece);
        match DirBuilder::new().create(&next) {
            Ok(()) => sync_folder(&folder)?,
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {}
            // A delete emptied the way up to here: the rename will fail the same way and start again.
            Err(error) if error.kind() == io::ErrorKind::NotFound => break,
            Err(error) => return Err(error),
        }
        folder = next;
    }
    Ok(folder)
}

/// Makes what was created or renamed in a folder survive a power cut. A folder that a delete has removed since
/// needs no syncing.
fn sync_folder(folder: &Path) -> io::Result<()> {
    if_there(File::open(folder).and_then(|folder| folder.sync_all())).map(drop)
}

/// Removes an object and the folders that it leaves empty.
pub(super) fn remove(objects: &Path, path: &Path) -> io::Result<()> {
    if_there(fs::remove_file(path))?;
    let inside = |folder: &&Path| folder.starts_with(objects) && *folder != objects;
    for folder in path.ancestors().skip(1).take_while(inside) {
        // The first folder that holds something else ends this; any other failure leaves an empty folder, harmless.
        if fs::remove_dir(folder).is_err() {
            break;
        }
    }
    Ok(())
}
