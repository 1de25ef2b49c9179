//! Makes archives by hand, hostile ones too: every byte of a header can be chosen.

#![allow(dead_code, reason = "each test file uses its part")]

use bytes::Bytes;
use futures_util::stream;
use shipstack_source::{ArchiveError, ArchiveIntake, Snapshot, Spool, receive_archive};
use std::convert::Infallible;
use std::io::Write;
use tar::Header;
use tempfile::TempDir;

/// A tar under way.
#[derive(Default, Clone)]
pub(crate) struct Making(pub(crate) Vec<u8>);

impl Making {
    pub(crate) fn file(self, name: &str, content: &[u8]) -> Self {
        self.member(name.as_bytes(), b'0', content, "")
    }

    pub(crate) fn folder(self, name: &str) -> Self {
        self.member(name.as_bytes(), b'5', b"", "")
    }

    pub(crate) fn link(self, name: &str, target: &str) -> Self {
        self.member(name.as_bytes(), b'2', b"", target)
    }

    pub(crate) fn member(self, name: &[u8], kind: u8, content: &[u8], target: &str) -> Self {
        let mut header = header(name, kind, content.len() as u64);
        header.as_old_mut().linkname[..target.len()].copy_from_slice(target.as_bytes());
        self.raw(header, content)
    }

    /// A PAX record before the next member.
    pub(crate) fn pax(self, pairs: &[(&str, &str)]) -> Self {
        let record: String = pairs.iter().map(|(key, value)| pax_line(key, value)).collect();
        self.member(b"pax", b'x', record.as_bytes(), "")
    }

    pub(crate) fn raw(mut self, mut header: Header, content: &[u8]) -> Self {
        header.set_cksum();
        self.0.extend_from_slice(header.as_bytes());
        self.data(content)
    }

    /// Content with its padding.
    pub(crate) fn data(mut self, content: &[u8]) -> Self {
        self.0.extend_from_slice(content);
        let padded = self.0.len().next_multiple_of(512);
        self.0.resize(padded, 0);
        self
    }

    pub(crate) fn end(mut self) -> Vec<u8> {
        self.0.extend_from_slice(&[0; 1024]);
        self.0
    }
}

pub(crate) fn header(name: &[u8], kind: u8, size: u64) -> Header {
    let mut header = Header::new_ustar();
    header.as_old_mut().name[..name.len()].copy_from_slice(name);
    header.as_old_mut().linkflag[0] = kind;
    header.set_mode(0o644);
    header.set_size(size);
    header
}

pub(crate) fn pax_line(key: &str, value: &str) -> String {
    let rest = format!(" {key}={value}\n");
    let length =
        (1..100_000).find(|length: &usize| length.to_string().len() + rest.len() == *length).unwrap();
    format!("{length}{rest}")
}

pub(crate) fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::best());
    encoder.write_all(bytes).unwrap();
    encoder.finish().unwrap()
}

pub(crate) fn zstd(bytes: &[u8]) -> Vec<u8> {
    zstd::encode_all(bytes, 3).unwrap()
}

/// A place for temporary files that must be empty in the end.
pub(crate) struct Place {
    _base: TempDir,
    pub(crate) spool: Spool,
}

impl Place {
    pub(crate) fn new() -> Self {
        let base = TempDir::new().unwrap();
        let spool = Spool::open(base.path()).unwrap();
        Self { _base: base, spool }
    }

    pub(crate) async fn take(&self, body: impl Into<Bytes>) -> Result<Snapshot, ArchiveError> {
        self.take_as(body, ArchiveIntake::default()).await
    }

    /// Takes a body that arrives in pieces.
    pub(crate) async fn take_as(
        &self,
        body: impl Into<Bytes>,
        intake: ArchiveIntake,
    ) -> Result<Snapshot, ArchiveError> {
        let body: Bytes = body.into();
        let pieces: Vec<Result<Bytes, Infallible>> =
            body.chunks(60_000).map(|piece| Ok(Bytes::copy_from_slice(piece))).collect();
        receive_archive(stream::iter(pieces), intake, &self.spool).await
    }

    /// Files left in the spool, its lock apart.
    pub(crate) fn left_over(&self) -> Vec<String> {
        let names = std::fs::read_dir(self.spool.path()).unwrap();
        let names = names.map(|entry| entry.unwrap().file_name().into_string().unwrap());
        names.filter(|name| name != ".lock").collect()
    }
}
