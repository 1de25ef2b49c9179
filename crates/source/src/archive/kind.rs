//! What an archive is, told by its first bytes; the content type only has to agree.

use std::io::{self, BufRead, Read};

/// A kind of archive that is taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ArchiveKind {
    /// `application/x-tar`
    Tar,
    /// `application/gzip`: a tar inside.
    Gzip,
    /// `application/zstd`: a tar inside.
    Zstd,
}

impl ArchiveKind {
    /// The kind that a content type names. `application/octet-stream` and curl's default type name none: for those
    /// the first bytes decide, as they do in any case.
    #[must_use]
    pub fn from_content_type(content_type: &str) -> Option<Self> {
        let essence = content_type.split(';').next().unwrap_or_default().trim().to_ascii_lowercase();
        match essence.as_str() {
            "application/x-tar" | "application/tar" => Some(Self::Tar),
            "application/gzip" | "application/x-gzip" | "application/tar+gzip" => Some(Self::Gzip),
            "application/zstd" => Some(Self::Zstd),
            _ => None,
        }
    }

    /// The kind whose first bytes these are. `start` should hold 512 bytes where there are as many.
    #[must_use]
    pub fn of(start: &[u8]) -> Option<Self> {
        match start {
            [0x1f, 0x8b, ..] => Some(Self::Gzip),
            // A frame, or a skippable frame before one (RFC 8878, 3.1).
            [0x28, 0xb5, 0x2f, 0xfd, ..] | [0x50..=0x5f, 0x2a, 0x4d, 0x18, ..] => Some(Self::Zstd),
            _ => is_tar(start).then_some(Self::Tar),
        }
    }
}

/// A header block says `ustar`; the oldest tars say nothing, but their checksum is right. All zeros is an empty tar.
fn is_tar(start: &[u8]) -> bool {
    let Some(block) = start.get(..512) else {
        return false;
    };
    let header = tar::Header::from_byte_slice(block);
    block.iter().all(|byte| *byte == 0)
        || block.get(257..262) == Some(b"ustar")
        || header.cksum().is_ok_and(|stated| stated == super::header::checksum(block))
}

/// The first bytes of an input, put back in front of the rest.
pub(crate) fn peek<R: Read>(mut input: R) -> io::Result<(Vec<u8>, impl BufRead)> {
    let mut start = Vec::new();
    input.by_ref().take(512).read_to_end(&mut start)?;
    let rest = io::Cursor::new(start.clone()).chain(io::BufReader::with_capacity(64 * 1024, input));
    Ok((start, rest))
}
