//! What goes into the store. A body can be sent again from its start, because an attempt may fail half-way.

use std::fs::File;
use std::io;
use std::os::unix::fs::FileExt;
use std::path::Path;
use std::sync::Arc;

use bytes::Bytes;
use futures_util::stream::{self, Stream};

/// How much of a file is read at once: large enough to keep a network busy, small enough for many at a time.
const CHUNK: u64 = 256 * 1024;

/// The bytes of a new object.
#[derive(Debug, Clone)]
pub enum PutBody {
    /// From memory.
    Bytes(Bytes),
    /// From an open file, also one without a name. Its cursor is neither used nor moved.
    File {
        /// The file, open for reading.
        file: Arc<File>,
        /// How many of its bytes, from the start.
        length: u64,
    },
}

impl PutBody {
    /// The whole of an open file.
    pub fn from_file(file: File) -> io::Result<Self> {
        let length = file.metadata()?.len();
        Ok(Self::File { file: Arc::new(file), length })
    }

    /// The whole of the file at `path`.
    pub async fn from_path(path: &Path) -> io::Result<Self> {
        let file = tokio::fs::File::open(path).await?;
        Self::from_file(file.into_std().await)
    }

    /// How many bytes.
    pub fn length(&self) -> u64 {
        match self {
            Self::Bytes(bytes) => u64::try_from(bytes.len()).unwrap_or(u64::MAX),
            Self::File { length, .. } => *length,
        }
    }
}

impl From<Bytes> for PutBody {
    fn from(bytes: Bytes) -> Self {
        Self::Bytes(bytes)
    }
}

impl From<Vec<u8>> for PutBody {
    fn from(bytes: Vec<u8>) -> Self {
        Self::Bytes(bytes.into())
    }
}

/// The first `length` bytes of a file, read in a blocking pool. A file that is shorter is an error.
pub(crate) fn file_chunks(
    file: Arc<File>,
    length: u64,
) -> impl Stream<Item = io::Result<Bytes>> + Send + Sync {
    stream::try_unfold(0, move |offset| {
        let file = Arc::clone(&file);
        async move {
            if offset == length {
                return Ok(None);
            }
            let reading = tokio::task::spawn_blocking(move || read_chunk(&file, offset, length));
            let chunk = reading.await.map_err(io::Error::other)??;
            let next = offset + u64::try_from(chunk.len()).unwrap_or(u64::MAX);
            Ok(Some((chunk, next)))
        }
    })
}

/// The bytes of a file from `offset`, at most a chunk of them and none past `length`.
pub(crate) fn read_chunk(file: &File, offset: u64, length: u64) -> io::Result<Bytes> {
    let size = usize::try_from(CHUNK.min(length - offset)).map_err(io::Error::other)?;
    let mut chunk = vec![0; size];
    file.read_exact_at(&mut chunk, offset)?;
    Ok(chunk.into())
}

#[cfg(test)]
mod tests {
    use super::*;
    use futures_util::TryStreamExt;

    fn file_of(bytes: &[u8]) -> Arc<File> {
        let mut file = tempfile::tempfile().unwrap();
        io::Write::write_all(&mut file, bytes).unwrap();
        Arc::new(file)
    }

    #[tokio::test]
    async fn a_file_can_be_read_twice_at_once() {
        let content: Vec<u8> = (0..700_000_u32).flat_map(u32::to_le_bytes).collect();
        let file = file_of(&content);
        let length = u64::try_from(content.len()).unwrap();
        let read = || file_chunks(Arc::clone(&file), length).try_collect::<Vec<_>>();
        let (first, second) = tokio::join!(read(), read());
        assert_eq!(first.unwrap().concat(), content);
        assert_eq!(second.unwrap().concat(), content);
    }

    #[tokio::test]
    async fn a_file_that_shrank_is_an_error() {
        let read = file_chunks(file_of(b"abc"), 4).try_collect::<Vec<_>>();
        assert_eq!(read.await.unwrap_err().kind(), io::ErrorKind::UnexpectedEof);
    }
}
