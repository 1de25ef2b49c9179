//! A pack written byte by byte (gitformat-pack(5)): what git itself would never write.

use std::io::Write as _;

use anyhow::{Result, ensure};
use data_encoding::HEXLOWER;
use flate2::{Compress, Compression, FlushCompress, write::ZlibEncoder};
use sha1::{Digest as _, Sha1};

/// What an object is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ObjectKind {
    /// A commit.
    Commit = 1,
    /// A folder.
    Tree = 2,
    /// A file.
    Blob = 3,
}

/// A delta against an object of the same pack, by how far back it begins.
const OFFSET_DELTA: u8 = 6;

/// Zeros that are deflated once and repeated, in bytes.
const ZEROS: usize = 16 << 20;

/// A pack in the making.
#[derive(Debug, Default)]
pub struct Pack {
    objects: Vec<u8>,
    count: u32,
}

impl Pack {
    /// Adds an object; answers its id in hexadecimal.
    pub fn object(&mut self, kind: ObjectKind, bytes: &[u8]) -> Result<String> {
        self.begin(kind as u8, bytes.len());
        self.objects.extend(deflated(bytes)?);
        Ok(object_id(kind, bytes))
    }

    /// Adds a blob of so many times sixteen MiB of zeros, a thousandth of that in the pack. Its id is for the caller to know.
    pub fn zeros(&mut self, times: u32) -> Result<()> {
        let bytes = ZEROS * times as usize;
        self.begin(ObjectKind::Blob as u8, bytes);
        let mut block = Vec::with_capacity(1 << 20);
        // Nothing in a block refers to another, and each ends at a byte.
        let mut packer = Compress::new(Compression::best(), false);
        packer.compress_vec(&vec![0; ZEROS], &mut block, FlushCompress::Full)?;
        ensure!(packer.total_in() == ZEROS as u64, "the zeros did not fit");
        self.objects.extend([0x78, 0xda]);
        self.objects.extend(block.repeat(times as usize));
        // An empty last block, and Adler-32: the sum of no bytes is one, and the sum of the sums is their number.
        let sums = u32::try_from(bytes % 65521)? << 16 | 1;
        self.objects.extend([0x03, 0x00]);
        self.objects.extend(sums.to_be_bytes());
        Ok(())
    }

    /// Where the next object begins; see [`Self::delta`].
    pub fn offset(&self) -> usize {
        self.objects.len()
    }

    /// Adds the object of `to` bytes that these instructions make of the one at the offset `base`, which has `from` bytes.
    pub fn delta(&mut self, base: usize, (from, to): (usize, usize), instructions: &[u8]) -> Result<()> {
        let delta = [number(from), number(to), instructions.to_vec()].concat();
        let back = self.offset() - base;
        self.begin(OFFSET_DELTA, delta.len());
        self.objects.extend(distance(back));
        self.objects.extend(deflated(&delta)?);
        Ok(())
    }

    /// Adds a commit of these files and its tree; answers the commit's id.
    pub fn commit(&mut self, files: &[(String, String)]) -> Result<String> {
        let tree = self.object(ObjectKind::Tree, &tree(files)?)?;
        let who = "A <a@b.example> 1 +0000";
        let commit = format!("tree {tree}\nauthor {who}\ncommitter {who}\n\nx\n");
        self.object(ObjectKind::Commit, commit.as_bytes())
    }

    /// The whole, with its checksum.
    pub fn end(self) -> Vec<u8> {
        let count = self.count.to_be_bytes();
        let mut pack = [&b"PACK"[..], &[0, 0, 0, 2], &count, &self.objects].concat();
        let sum = Sha1::digest(&pack);
        pack.extend(sum);
        pack
    }

    /// The kind of an object and the lowest four bits of its size share a byte.
    fn begin(&mut self, kind: u8, bytes: usize) {
        self.count += 1;
        self.objects.push(0x80 | (kind << 4) | low(bytes, 0xf));
        self.objects.extend(number(bytes >> 4));
    }
}

/// The bytes of a folder of files, by name and id, in the order of their names.
fn tree(files: &[(String, String)]) -> Result<Vec<u8>> {
    let mut tree = Vec::new();
    for (name, id) in files {
        tree.extend(format!("100644 {name}\0").bytes());
        tree.extend(HEXLOWER.decode(id.as_bytes())?);
    }
    Ok(tree)
}

/// The id that an object of these bytes has.
pub fn object_id(kind: ObjectKind, bytes: &[u8]) -> String {
    let kind = match kind {
        ObjectKind::Commit => "commit",
        ObjectKind::Tree => "tree",
        ObjectKind::Blob => "blob",
    };
    let digest = Sha1::new().chain_update(format!("{kind} {}\0", bytes.len())).chain_update(bytes).finalize();
    HEXLOWER.encode(&digest)
}

fn deflated(bytes: &[u8]) -> Result<Vec<u8>> {
    let mut packer = ZlibEncoder::new(Vec::new(), Compression::best());
    packer.write_all(bytes)?;
    Ok(packer.finish()?)
}

/// Seven bits a byte, the lowest first.
fn number(mut rest: usize) -> Vec<u8> {
    let mut bytes = Vec::new();
    while rest > 0x7f {
        bytes.push(low(rest, 0x7f) | 0x80);
        rest >>= 7;
    }
    bytes.push(low(rest, 0x7f));
    bytes
}

/// Seven bits a byte, the highest first, each but the last less one.
fn distance(back: usize) -> Vec<u8> {
    let mut bytes = vec![low(back, 0x7f)];
    let mut rest = back >> 7;
    while rest > 0 {
        rest -= 1;
        bytes.insert(0, low(rest, 0x7f) | 0x80);
        rest >>= 7;
    }
    bytes
}

fn low(number: usize, bits: u8) -> u8 {
    number.to_le_bytes()[0] & bits
}
