//! Raw members of a tar stream, one header at a time, nothing buffered but extension records under their cap.
//!
//! The `tar` crate reads the fields of a header; what a member *is* gets decided here, because parsers that disagree
//! about that are how archives smuggle files (hostile.md §3). Refused: two sizes for one member, sparse files, hard
//! links, devices, unknown types, malformed or doubled extension records, anything after the end.

use crate::Refusal;
use crate::archive::pax::{self, PaxRecords};
use std::io::{self, Read};
use tar::Header;

const BLOCK: usize = 512;

/// A size above this was written as a negative number.
const LARGEST: u64 = u64::MAX >> 1;

/// One member, before its data.
#[derive(Debug)]
pub(crate) struct Member {
    pub(crate) path: Vec<u8>,
    pub(crate) kind: MemberKind,
}

/// What a member is.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum MemberKind {
    File { bits: u32, bytes: u64 },
    Folder,
    Link { target: Vec<u8> },
}

/// Why reading stopped.
#[derive(Debug, thiserror::Error)]
pub(crate) enum MemberError {
    #[error(transparent)]
    Refused(#[from] Refusal),
    #[error("the archive cannot be read")]
    Input(#[from] io::Error),
}

/// The members of a tar stream. Reading from it gives the bytes of the current regular file.
pub(crate) struct Members<R> {
    input: R,
    extension_bytes: u64,
    /// Bytes of the current member's data not read yet, and of the padding after them.
    left: u64,
    padding: u64,
    /// The comment of a global record: git archive writes the commit there.
    comment: Option<String>,
}

/// What extension records said about the next member.
#[derive(Default)]
struct Extensions {
    long_path: Option<Vec<u8>>,
    long_link: Option<Vec<u8>>,
    pax: Option<PaxRecords>,
}

impl<R: Read> Members<R> {
    pub(crate) fn new(input: R, extension_bytes: u64) -> Self {
        Self { input, extension_bytes, left: 0, padding: 0, comment: None }
    }

    pub(crate) fn comment(&self) -> Option<&str> {
        self.comment.as_deref()
    }

    /// The next member; `None` at a proper end, after which only zeros may follow.
    pub(crate) fn next(&mut self) -> Result<Option<Member>, MemberError> {
        self.skip_rest()?;
        let mut extensions = Extensions::default();
        loop {
            let Some(header) = self.header()? else {
                return if extensions.is_empty() {
                    Ok(None)
                } else {
                    Err(broken("an extension without a member"))
                };
            };
            let size = size_of(&header)?;
            // Some readers take these from any header and some only from one that says `ustar`.
            if is_extension(&header) && header.as_ustar().is_none() && header.as_gnu().is_none() {
                return Err(broken("an extension in a header that is older than extensions"));
            }
            match header.entry_type().as_byte() {
                b'L' => set_once(&mut extensions.long_path, self.text_record(size)?)?,
                b'K' => set_once(&mut extensions.long_link, self.text_record(size)?)?,
                b'x' => {
                    let record = self.record(size)?;
                    set_once(&mut extensions.pax, PaxRecords::parse(&record)?)?;
                }
                b'g' => {
                    let record = self.record(size)?;
                    self.comment = pax::global_comment(&record)?.or(self.comment.take());
                }
                _ => return self.member(&header, size, extensions).map(Some),
            }
        }
    }

    fn member(&mut self, header: &Header, size: u64, extensions: Extensions) -> Result<Member, MemberError> {
        let Extensions { long_path, long_link, pax } = extensions;
        let pax = pax.unwrap_or_default();
        let path = one_of(long_path, pax.path)?.unwrap_or_else(|| header.path_bytes().into_owned());
        if pax.size.is_some_and(|stated| stated != size) {
            return Err(Refusal::entry_type(&path, "two different sizes").into());
        }
        let target = one_of(long_link, pax.link_path)?;
        let target = target.or_else(|| header.link_name_bytes().map(std::borrow::Cow::into_owned));
        let kind = kind_of(header, &path, size, target)?;
        self.left = size;
        self.padding = padding_of(size);
        Ok(Member { path, kind })
    }

    /// The next header block; `None` at the end of the archive.
    fn header(&mut self) -> Result<Option<Header>, MemberError> {
        let mut header = Header::new_old();
        let read = read_up_to(&mut self.input, header.as_mut_bytes())?;
        if read == 0 || header.as_bytes().iter().all(|byte| *byte == 0) {
            self.check_end()?;
            return Ok(None);
        }
        if read < BLOCK {
            return Err(broken("it ends in the middle of a header"));
        }
        let stated = header.cksum().map_err(|_| broken("a checksum that is no number"))?;
        if stated != checksum(header.as_bytes()) {
            return Err(broken("a header with a wrong checksum"));
        }
        Ok(Some(header))
    }

    /// After the end only zeros may follow: other readers would go on and find members there.
    fn check_end(&mut self) -> Result<(), MemberError> {
        let mut block = [0; 8 * BLOCK];
        loop {
            let read = self.input.read(&mut block)?;
            if read == 0 {
                return Ok(());
            }
            if block.iter().take(read).any(|byte| *byte != 0) {
                return Err(broken("data after its end"));
            }
        }
    }

    /// The whole of an extension record, refused by its size before it is read.
    fn record(&mut self, size: u64) -> Result<Vec<u8>, MemberError> {
        if size > self.extension_bytes {
            let limit = format!("an extension record has at most {} bytes", self.extension_bytes);
            return Err(Refusal::entry_type(b"archive", limit).into());
        }
        self.left = size;
        self.padding = padding_of(size);
        let mut record = Vec::new();
        self.read_to_end(&mut record)?;
        self.skip_rest()?;
        Ok(record)
    }

    /// A GNU long name: bytes up to the closing NUL.
    fn text_record(&mut self, size: u64) -> Result<Vec<u8>, MemberError> {
        let mut record = self.record(size)?;
        if record.last() == Some(&0) {
            record.pop();
        }
        Ok(record)
    }

    fn skip_rest(&mut self) -> Result<(), MemberError> {
        let rest = self.left.saturating_add(self.padding);
        let skipped = io::copy(&mut self.input.by_ref().take(rest), &mut io::sink())?;
        self.left = 0;
        self.padding = 0;
        if skipped == rest { Ok(()) } else { Err(broken("it ends in the middle of a member")) }
    }
}

impl<R: Read> Read for Members<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let read = self.input.by_ref().take(self.left).read(buffer)?;
        if read == 0 && self.left > 0 && !buffer.is_empty() {
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
        self.left = self.left.saturating_sub(u64::try_from(read).unwrap_or(u64::MAX));
        Ok(read)
    }
}

impl Extensions {
    fn is_empty(&self) -> bool {
        self.long_path.is_none() && self.long_link.is_none() && self.pax.is_none()
    }
}

fn is_extension(header: &Header) -> bool {
    matches!(header.entry_type().as_byte(), b'L' | b'K' | b'x' | b'g')
}

fn kind_of(
    header: &Header,
    path: &[u8],
    size: u64,
    target: Option<Vec<u8>>,
) -> Result<MemberKind, MemberError> {
    let refuse = |why: &str| Err(Refusal::entry_type(path, why).into());
    let kind = match header.entry_type().as_byte() {
        // Before ustar, a folder was a file whose name ends in a slash.
        b'0' | 0 if path.ends_with(b"/") => MemberKind::Folder,
        b'0' | 0 => {
            let bits = header.mode().map_err(|_| broken("a mode that is no number"))?;
            return Ok(MemberKind::File { bits, bytes: size });
        }
        b'5' => MemberKind::Folder,
        b'2' => MemberKind::Link { target: target.unwrap_or_default() },
        b'1' => return refuse("a hard link"),
        b'3' | b'4' => return refuse("a device"),
        b'6' => return refuse("a named pipe"),
        b'S' => return refuse("a sparse file"),
        _ => return refuse("of a kind that is not taken"),
    };
    if size == 0 { Ok(kind) } else { refuse("a folder or link with data") }
}

fn size_of(header: &Header) -> Result<u64, MemberError> {
    let size = header.entry_size().ok().filter(|size| *size <= LARGEST);
    size.ok_or_else(|| broken("a size that is no number"))
}

fn broken(what: &str) -> MemberError {
    Refusal::entry_type(b"archive", what).into()
}

fn set_once<T>(place: &mut Option<T>, value: T) -> Result<(), MemberError> {
    if place.replace(value).is_some() { Err(broken("two extension records of one kind")) } else { Ok(()) }
}

/// GNU and PAX may both name a member, but not both at once: readers differ in whom they believe.
fn one_of(gnu: Option<Vec<u8>>, pax: Option<Vec<u8>>) -> Result<Option<Vec<u8>>, MemberError> {
    if gnu.is_some() && pax.is_some() { Err(broken("two names for one member")) } else { Ok(gnu.or(pax)) }
}

fn padding_of(size: u64) -> u64 {
    let block = 512;
    (block - size % block) % block
}

/// The sum of all bytes of a header, its own checksum field counted as spaces.
pub(super) fn checksum(header: &[u8]) -> u32 {
    let field = 148..156;
    let byte = |(at, byte): (usize, &u8)| {
        if field.contains(&at) { u32::from(b' ') } else { u32::from(*byte) }
    };
    header.iter().enumerate().map(byte).sum()
}

/// Reads until the buffer is full or the input ends.
fn read_up_to(input: &mut impl Read, buffer: &mut [u8]) -> io::Result<usize> {
    let mut filled = 0;
    while let Some(rest) = buffer.get_mut(filled..).filter(|rest| !rest.is_empty()) {
        match input.read(rest) {
            Ok(0) => break,
            Ok(read) => filled += read,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
    }
    Ok(filled)
}
