//! Writes tar members of our own making: every header is new, nothing of a header that came in goes out.

use crate::index::FileMode;
use shipstack_types::RelPath;
use std::io::{self, Read, Write};
use tar::{Builder, EntryType, Header};

/// A tar under way, all of it owned by one user.
pub(crate) struct Emit<W: Write> {
    tar: Builder<W>,
    owner: u32,
}

impl<W: Write> Emit<W> {
    pub(crate) fn new(sink: W, owner: u32) -> Self {
        Self { tar: Builder::new(sink), owner }
    }

    pub(crate) fn folder(&mut self, path: &RelPath) -> io::Result<()> {
        let mut header = self.header(EntryType::Directory, 0o755, 0);
        self.tar.append_data(&mut header, format!("{path}/"), io::empty())
    }

    pub(crate) fn link(&mut self, path: &RelPath, target: &str) -> io::Result<()> {
        let mut header = self.header(EntryType::Symlink, 0o777, 0);
        self.tar.append_link(&mut header, path.as_str(), target)
    }

    /// Writes a file's header, which promises the size, and then what `copy` writes: exactly as much, or it fails.
    pub(crate) fn file<E: From<io::Error>>(
        &mut self,
        path: &RelPath,
        (mode, bytes): (FileMode, u64),
        copy: impl FnOnce(&mut dyn Write) -> Result<(), E>,
    ) -> Result<(), E> {
        let mut header = self.header(EntryType::Regular, mode.bits(), bytes);
        self.tar.append_data(&mut header, path.as_str(), io::empty())?;
        let mut promised = Promised { sink: self.tar.get_mut(), left: bytes };
        copy(&mut promised)?;
        if promised.left > 0 {
            return Err(io::Error::from(io::ErrorKind::UnexpectedEof).into());
        }
        let padding = (512 - bytes % 512) % 512;
        io::copy(&mut io::repeat(0).take(padding), self.tar.get_mut())?;
        Ok(())
    }

    /// Ends the tar and gives the sink back.
    pub(crate) fn finish(self) -> io::Result<W> {
        self.tar.into_inner()
    }

    fn header(&self, kind: EntryType, mode: u32, size: u64) -> Header {
        let mut header = Header::new_gnu();
        header.set_entry_type(kind);
        header.set_mode(mode);
        header.set_size(size);
        header.set_mtime(0);
        header.set_uid(self.owner.into());
        header.set_gid(self.owner.into());
        header
    }
}

/// Lets the promised number of bytes through and not one more.
struct Promised<'a, W> {
    sink: &'a mut W,
    left: u64,
}

impl<W: Write> Write for Promised<'_, W> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let count = u64::try_from(bytes.len()).map_err(io::Error::other)?;
        if count > self.left {
            return Err(io::ErrorKind::InvalidData.into());
        }
        let written = self.sink.write(bytes)?;
        self.left = self.left.saturating_sub(u64::try_from(written).map_err(io::Error::other)?);
        Ok(written)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.sink.flush()
    }
}
