//! A snapshot as the tar that fills a build's volume, streamed.
//!
//! Headers are made anew, folders are named with their owner (the engine leaves implied ones to root), and everything
//! lies under one folder because the root of a volume stays root's (dependencies.md, put-archive).

use super::emit::Emit;
use super::read::{Node, SnapshotReader};
use bytes::Bytes;
use futures_util::Stream;
use shipstack_types::RelPath;
use std::io::{self, BufWriter, Write};
use tokio::sync::mpsc;

/// Chunks on their way; when the engine is slower the reader waits.
const CHUNKS_AHEAD: usize = 16;
const CHUNK_BYTES: usize = 64 * 1024;

/// Where and whose the files of the volume are.
#[derive(Clone, Debug)]
pub struct VolumeLayout {
    /// The folder that holds everything.
    pub top: RelPath,
    /// User and group id of the build.
    pub owner: u32,
    /// Only this folder of the source, seen from inside; the root for all of it.
    pub only: RelPath,
}

impl SnapshotReader {
    /// The tar, as it is read. An error ends the stream; a stream that ends without one is whole.
    pub fn volume_tar(
        &self,
        layout: VolumeLayout,
    ) -> impl Stream<Item = io::Result<Bytes>> + Send + Unpin + use<> {
        let (chunks, received) = mpsc::channel(CHUNKS_AHEAD);
        let reader = self.clone();
        tokio::task::spawn_blocking(move || {
            let written = reader.write_tar(&layout, ChunkSink { chunks: chunks.clone() });
            if let Err(error) = written {
                // Nobody listens any more when this fails: the receiver is what went away.
                let _ = chunks.blocking_send(Err(error));
            }
        });
        Box::pin(futures_util::stream::unfold(received, |mut received| async move {
            received.recv().await.map(|chunk| (chunk, received))
        }))
    }

    fn write_tar(&self, layout: &VolumeLayout, sink: ChunkSink) -> io::Result<()> {
        let mut tar = Emit::new(BufWriter::with_capacity(CHUNK_BYTES, sink), layout.owner);
        for depth in layout.top.segments().scan(RelPath::root(), |above, segment| {
            *above = segment.parse().and_then(|segment| above.join(&segment)).ok()?;
            Some(above.clone())
        }) {
            tar.folder(&depth)?;
        }
        let mut nodes = self.nodes()?;
        while let Some((path, node)) = nodes.next()? {
            let Some(inside) = path.strip(&layout.only).filter(|inside| !inside.is_root()) else {
                continue;
            };
            let path = layout.top.join(&inside).map_err(io::Error::other)?;
            match node {
                Node::Folder => tar.folder(&path)?,
                Node::Link(target) => tar.link(&path, target.as_str())?,
                Node::File { mode, bytes } => {
                    let members = &mut nodes.members;
                    tar.file(&path, (mode, bytes), |sink| io::copy(members, sink).map(drop))?;
                }
            }
        }
        tar.finish()?.flush()
    }
}

/// Hands written bytes to the stream; fails as soon as nobody reads it.
struct ChunkSink {
    chunks: mpsc::Sender<io::Result<Bytes>>,
}

impl Write for ChunkSink {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let chunk = Bytes::copy_from_slice(bytes);
        self.chunks.blocking_send(Ok(chunk)).map_err(|_| io::ErrorKind::BrokenPipe)?;
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}
