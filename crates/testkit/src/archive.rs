//! Makes archives by hand, hostile ones too: every byte of a header can be chosen.

use std::io::Write;

use tar::Header;

/// A tar under way.
#[derive(Debug, Default, Clone)]
pub struct Making(pub Vec<u8>);

impl Making {
    /// A regular file.
    #[must_use]
    pub fn file(self, name: &str, content: &[u8]) -> Self {
        self.member(name.as_bytes(), b'0', content, "")
    }

    /// A folder.
    #[must_use]
    pub fn folder(self, name: &str) -> Self {
        self.member(name.as_bytes(), b'5', b"", "")
    }

    /// A symbolic link.
    #[must_use]
    pub fn link(self, name: &str, target: &str) -> Self {
        self.member(name.as_bytes(), b'2', b"", target)
    }

    /// A member of any kind: `kind` is the type flag of its header.
    #[must_use]
    pub fn member(self, name: &[u8], kind: u8, content: &[u8], target: &str) -> Self {
        let mut header = header(name, kind, content.len() as u64);
        for (byte, given) in header.as_old_mut().linkname.iter_mut().zip(target.as_bytes()) {
            *byte = *given;
        }
        self.raw(header, content)
    }

    /// A PAX record before the next member.
    #[must_use]
    pub fn pax(self, pairs: &[(&str, &str)]) -> Self {
        let record: String = pairs.iter().map(|(key, value)| pax_line(key, value)).collect();
        self.member(b"pax", b'x', record.as_bytes(), "")
    }

    /// A member with this very header, its checksum apart.
    #[must_use]
    pub fn raw(mut self, mut header: Header, content: &[u8]) -> Self {
        header.set_cksum();
        self.0.extend_from_slice(header.as_bytes());
        self.data(content)
    }

    /// Content with its padding.
    #[must_use]
    pub fn data(mut self, content: &[u8]) -> Self {
        self.0.extend_from_slice(content);
        let padded = self.0.len().next_multiple_of(512);
        self.0.resize(padded, 0);
        self
    }

    /// The tar, with its end.
    pub fn end(mut self) -> Vec<u8> {
        self.0.extend_from_slice(&[0; 1024]);
        self.0
    }
}

/// A header of a name of at most a hundred bytes.
pub fn header(name: &[u8], kind: u8, size: u64) -> Header {
    let mut header = Header::new_ustar();
    for (byte, given) in header.as_old_mut().name.iter_mut().zip(name) {
        *byte = *given;
    }
    header.as_old_mut().linkflag = [kind];
    header.set_mode(0o644);
    header.set_size(size);
    header
}

/// One record of a PAX header: its length counts itself.
pub fn pax_line(key: &str, value: &str) -> String {
    let rest = format!(" {key}={value}\n");
    let mut length = rest.len();
    while length != rest.len() + length.to_string().len() {
        length = rest.len() + length.to_string().len();
    }
    format!("{length}{rest}")
}

/// Compressed as `gzip -9` would.
///
/// # Panics
/// Never: memory takes every byte.
pub fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::best());
    let written = encoder.write_all(bytes).and_then(|()| encoder.finish());
    written.unwrap_or_else(|error| panic!("memory takes every byte: {error}"))
}

/// Compressed as `zstd -3` would.
///
/// # Panics
/// Never: memory takes every byte.
pub fn zstd(bytes: &[u8]) -> Vec<u8> {
    zstd::encode_all(bytes, 3).unwrap_or_else(|error| panic!("memory takes every byte: {error}"))
}
