//! Filling the workspace: one upload of a tar, our own folders first.

use super::open::timed;
use super::{BUILD_UID, PROJECT_FOLDER, Sandbox};
use crate::environment::CA_NAME;
use crate::error::EngineError;
use crate::spec::WORKSPACE;
use bollard::query_parameters::UploadToContainerOptions;
use bytes::Bytes;
use futures_util::{Stream, StreamExt, stream};
use std::io;
use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError};

/// The two empty blocks that end a tar.
const END_BYTES: usize = 1024;

impl Sandbox {
    /// Streams a tar into the workspace. Its entries lie under [`PROJECT_FOLDER`], name every folder, and belong to
    /// [`BUILD_UID`]. Nothing can run before.
    pub async fn fill<S>(&self, tar: S) -> Result<(), EngineError>
    where
        S: Stream<Item = io::Result<Bytes>> + Send + 'static,
    {
        let ours = stream::once(std::future::ready(Ok(Bytes::from(self.belongings_tar().await?))));
        let broken = Arc::new(Mutex::new(None));
        let body = bollard::body_try_stream(ours.chain(keep_error(tar, Arc::clone(&broken))));
        let options =
            UploadToContainerOptions { path: WORKSPACE.to_owned(), ..UploadToContainerOptions::default() };
        let upload = self.core.client.lasting.upload_to_container(&self.container, Some(options), body);
        let uploaded = timed("fill", upload).await;
        // What broke the stream explains what the engine says about it, and not the other way round.
        let broken = broken.lock().unwrap_or_else(PoisonError::into_inner).take();
        match broken {
            Some(source) => Err(EngineError::Source { source }),
            None => uploaded.map_err(|error| EngineError::of("fill the workspace", error)),
        }
    }

    /// Home, temporary folder and certificates, without the end of a tar.
    async fn belongings_tar(&self) -> Result<Vec<u8>, EngineError> {
        let ca = match &self.core.config.ca_file {
            Some(path) => Some(read_ca(path).await?),
            None => None,
        };
        belongings(ca.as_deref()).map_err(|source| EngineError::Source { source })
    }
}

fn belongings(ca: Option<&[u8]>) -> io::Result<Vec<u8>> {
    let mut builder = tar::Builder::new(Vec::new());
    for folder in [PROJECT_FOLDER, "home", "tmp"] {
        let mut header = header(tar::EntryType::Directory, 0, 0o755, BUILD_UID);
        builder.append_data(&mut header, format!("{folder}/"), io::empty())?;
    }
    if let Some(ca) = ca {
        // Root's, so that a build cannot trade it for its own.
        let size = u64::try_from(ca.len()).unwrap_or(u64::MAX);
        builder.append_data(&mut header(tar::EntryType::Regular, size, 0o444, 0), CA_NAME, ca)?;
    }
    let mut bytes = builder.into_inner()?;
    bytes.truncate(bytes.len().saturating_sub(END_BYTES));
    Ok(bytes)
}

fn header(kind: tar::EntryType, size: u64, mode: u32, owner: u32) -> tar::Header {
    let mut header = tar::Header::new_gnu();
    header.set_entry_type(kind);
    header.set_size(size);
    header.set_mode(mode);
    header.set_uid(owner.into());
    header.set_gid(owner.into());
    header
}

async fn read_ca(path: &Path) -> Result<Vec<u8>, EngineError> {
    tokio::fs::read(path).await.map_err(|source| EngineError::CaFile { path: path.to_owned(), source })
}

fn keep_error<S>(tar: S, broken: Arc<Mutex<Option<io::Error>>>) -> impl Stream<Item = io::Result<Bytes>>
where
    S: Stream<Item = io::Result<Bytes>>,
{
    tar.map(move |chunk| {
        chunk.map_err(|error| {
            let kind = error.kind();
            *broken.lock().unwrap_or_else(PoisonError::into_inner) = Some(error);
            kind.into()
        })
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn our_folders_come_first_and_do_not_end_the_tar() {
        let mut bytes = belongings(Some(b"certificates")).unwrap();
        assert_eq!(bytes.len() % 512, 0);
        bytes.extend(belongings(None).unwrap());
        bytes.extend([0; END_BYTES]);
        let mut archive = tar::Archive::new(bytes.as_slice());
        let names = archive.entries().unwrap().map(|entry| {
            let entry = entry.unwrap();
            (entry.path().unwrap().display().to_string(), entry.header().uid().unwrap())
        });
        let folders = [("project/", 1000), ("home/", 1000), ("tmp/", 1000)];
        let expected = folders.into_iter().chain([("ca.crt", 0)]).chain(folders);
        assert_eq!(
            names.collect::<Vec<_>>(),
            expected.map(|(name, uid)| (name.to_owned(), uid)).collect::<Vec<_>>()
        );
    }
}
