//! The unlinked file that holds the bytes of all files of a source while its index is being made.

use std::fs::File;
use std::io::{self, Read, Seek, SeekFrom, Write};

/// Copies `bytes` bytes that begin at `offset`.
pub(crate) fn copy_slice(
    contents: &mut File,
    offset: u64,
    bytes: u64,
    sink: &mut dyn Write,
) -> io::Result<()> {
    contents.seek(SeekFrom::Start(offset))?;
    let copied = io::copy(&mut contents.take(bytes), sink)?;
    if copied == bytes { Ok(()) } else { Err(io::ErrorKind::UnexpectedEof.into()) }
}
