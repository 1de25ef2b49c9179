//! Writes a snapshot: a tar in zstd whose bytes follow from the tree alone.
//!
//! Sorted by path, times and owners zero, modes 0644 and 0755, every folder named: equal trees give equal bytes, so the
//! digest of a snapshot is the digest of its source. Everything is checked before it comes here (`index`).

use crate::Spool;
use crate::index::{FileSlot, Index, Slot};
use crate::snapshot::emit::Emit;
use crate::snapshot::{Snapshot, SnapshotInfo};
use sha2::{Digest, Sha256};
use shipstack_types::Sha256Digest;
use std::fs::File;
use std::io::{self, BufWriter, Write};

/// zstd's own default: a good ratio at a speed no disk limits.
const LEVEL: i32 = 3;

/// A snapshot keeps no owner.
const NOBODY: u32 = 0;

/// Writes the whole tree. `copy` is called once for each file, in the order of the paths, and writes its bytes.
pub(crate) fn write<T, E: From<io::Error>>(
    index: Index<T>,
    spool: &Spool,
    warnings: Vec<String>,
    mut copy: impl FnMut(&FileSlot<T>, &mut dyn Write) -> Result<(), E>,
) -> Result<Snapshot, E> {
    let (files, bytes) = (index.count_files(), index.bytes());
    let file = spool.named()?;
    let sink = Hashing::new(file.as_file().try_clone()?);
    let mut tar = Emit::new(zstd::Encoder::new(sink, LEVEL)?, NOBODY);
    for (path, slot) in index.into_slots() {
        match slot {
            Slot::Folder => tar.folder(&path)?,
            Slot::Link(target) => tar.link(&path, target.as_str())?,
            Slot::File(slot) => tar.file(&path, (slot.mode, slot.bytes), |sink| copy(&slot, sink))?,
        }
    }
    let (sha256, stored_bytes) = tar.finish()?.finish()?.finish()?;
    Ok(Snapshot::new(file, SnapshotInfo { sha256, stored_bytes, bytes, files, warnings }))
}

/// Digests and counts what is stored.
pub(crate) struct Hashing<W> {
    sink: W,
    hash: Sha256,
    count: u64,
}

impl Hashing<BufWriter<File>> {
    pub(crate) fn new(file: File) -> Self {
        Self { sink: BufWriter::new(file), hash: Sha256::new(), count: 0 }
    }

    pub(crate) fn finish(mut self) -> io::Result<(Sha256Digest, u64)> {
        self.flush()?;
        Ok((Sha256Digest::from_bytes(self.hash.finalize().into()), self.count))
    }
}

impl<W: Write> Write for Hashing<W> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let written = self.sink.write(bytes)?;
        self.hash.update(bytes.get(..written).unwrap_or_default());
        self.count = self.count.saturating_add(u64::try_from(written).unwrap_or(u64::MAX));
        Ok(written)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.sink.flush()
    }
}
