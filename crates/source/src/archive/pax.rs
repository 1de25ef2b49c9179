//! PAX extension records (POSIX.1-2017, pax): `<length> <key>=<value>\n`, read strictly.
//!
//! Lenient readers disagree here, and that is the hole (hostile.md §3, 100 to 102 and 106): every length must be right,
//! no key may come twice, sparse files are refused, and a global record may carry nothing but a comment.

use crate::Refusal;
use std::collections::BTreeSet;

/// What a local record may say about its member. Owners, times and extended attributes are read over.
#[derive(Debug, Default)]
pub(crate) struct PaxRecords {
    pub(crate) path: Option<Vec<u8>>,
    pub(crate) link_path: Option<Vec<u8>>,
    pub(crate) size: Option<u64>,
}

impl PaxRecords {
    pub(crate) fn parse(record: &[u8]) -> Result<Self, Refusal> {
        let mut found = Self::default();
        for (key, value) in pairs(record)? {
            match key {
                b"path" => found.path = Some(value.to_vec()),
                b"linkpath" => found.link_path = Some(value.to_vec()),
                b"size" => found.size = Some(number(value)?),
                _ if key.starts_with(b"GNU.sparse.") => {
                    return Err(Refusal::entry_type(b"archive", "a sparse file"));
                }
                _ => {}
            }
        }
        Ok(found)
    }
}

/// The comment of a global record, which may hold nothing else.
pub(crate) fn global_comment(record: &[u8]) -> Result<Option<String>, Refusal> {
    let mut comment = None;
    for (key, value) in pairs(record)? {
        if key != b"comment" {
            return Err(Refusal::entry_type(key, "a global extension record other than a comment"));
        }
        comment = Some(String::from_utf8_lossy(value).into_owned());
    }
    Ok(comment)
}

fn pairs(mut record: &[u8]) -> Result<Vec<Pair<'_>>, Refusal> {
    let mut pairs = Vec::new();
    let mut keys = BTreeSet::new();
    while !record.is_empty() {
        let (pair, rest) = split_pair(record).ok_or_else(malformed)?;
        if !keys.insert(pair.0) {
            return Err(malformed());
        }
        pairs.push(pair);
        record = rest;
    }
    Ok(pairs)
}

type Pair<'a> = (&'a [u8], &'a [u8]);

fn split_pair(record: &[u8]) -> Option<(Pair<'_>, &[u8])> {
    let space = record.iter().position(|byte| *byte == b' ')?;
    let length = usize::try_from(number(record.get(..space)?).ok()?).ok()?;
    let (pair, rest) = record.split_at_checked(length)?;
    let pair = pair.get(space + 1..)?.strip_suffix(b"\n")?;
    let equals = pair.iter().position(|byte| *byte == b'=')?;
    let (key, value) = (pair.get(..equals)?, pair.get(equals + 1..)?);
    let sound = !key.is_empty()
        && !(matches!(key, b"path" | b"linkpath") && (value.is_empty() || value.contains(&0)));
    sound.then_some(((key, value), rest))
}

fn number(digits: &[u8]) -> Result<u64, Refusal> {
    let plain = !digits.is_empty() && digits.iter().all(u8::is_ascii_digit);
    let text = std::str::from_utf8(digits).ok().filter(|_| plain);
    text.and_then(|text| text.parse().ok()).ok_or_else(malformed)
}

fn malformed() -> Refusal {
    Refusal::entry_type(b"archive", "a malformed extension record")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_record_that_is_not_exact_is_refused() {
        for record in [
            &b"12 path=\n"[..],
            b"99 path=a\n",
            b"9 path=a\n9 path=b\n",
            b"8 path=a\n",
            b"9 path=a\0",
            b"10 path=a\0\n",
            b"8 size=\n",
            b"11 size=-1\n",
            b"x path=a\n",
            b"26 GNU.sparse.realsize=1\n",
            b"27 GNU.sparse.realsize=1\n\0",
        ] {
            assert!(PaxRecords::parse(record).is_err(), "{:?}", String::from_utf8_lossy(record));
        }
        let sound = PaxRecords::parse(b"9 path=a\n9 size=7\n20 atime=1700000000\n").unwrap();
        assert_eq!((sound.path.as_deref(), sound.size), (Some(&b"a"[..]), Some(7)));
    }

    #[test]
    fn a_global_record_may_only_comment() {
        assert_eq!(global_comment(b"14 comment=ab\n").unwrap().as_deref(), Some("ab"));
        assert!(global_comment(b"13 path=../x\n").is_err());
    }
}
