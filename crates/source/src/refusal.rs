//! Why a source is not taken: what an archive's or a repository's content may not be.

use crate::UnsafeLink;
use shipstack_types::InvalidRelPath;

/// Longest name that is quoted in a message, in characters.
const MAX_QUOTED: usize = 200;

/// Something in the source that is never put into a snapshot. The entry is named, escaped.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Refusal {
    /// An entry, or a link, that leaves the source.
    #[error("{entry}: {why}")]
    Escape {
        /// The entry, escaped.
        entry: String,
        /// What is wrong with it.
        why: String,
    },
    /// An entry that is no regular file, folder or safe link, or that cannot be read as one.
    #[error("{entry}: {why}")]
    EntryType {
        /// The entry, escaped.
        entry: String,
        /// What it is.
        why: String,
    },
    /// A limit is passed.
    #[error("{limit} ({entry})")]
    Limit {
        /// The limit with its figure.
        limit: String,
        /// The entry that passed it, escaped.
        entry: String,
    },
}

impl Refusal {
    /// A name or a link that leaves the source.
    pub(crate) fn escape(entry: &[u8], why: impl Into<String>) -> Self {
        Self::Escape { entry: quoted(entry), why: why.into() }
    }

    /// An entry of a kind that is not taken.
    pub(crate) fn entry_type(entry: &[u8], why: impl Into<String>) -> Self {
        Self::EntryType { entry: quoted(entry), why: why.into() }
    }

    /// A limit that was passed.
    pub(crate) fn limit(limit: impl Into<String>, entry: &[u8]) -> Self {
        Self::Limit { limit: limit.into(), entry: quoted(entry) }
    }

    /// A name that is no relative path.
    pub(crate) fn name(entry: &[u8], why: InvalidRelPath) -> Self {
        match why {
            InvalidRelPath::Absolute | InvalidRelPath::Dots => Self::escape(entry, why.to_string()),
            _ => Self::entry_type(entry, why.to_string()),
        }
    }

    /// A link that is not safe.
    pub(crate) fn link(entry: &[u8], why: UnsafeLink) -> Self {
        match why {
            UnsafeLink::Absolute | UnsafeLink::Escapes => Self::escape(entry, why.to_string()),
            _ => Self::entry_type(entry, why.to_string()),
        }
    }
}

/// A name for a person to read: control characters, direction marks and broken UTF-8 escaped, cut when long.
pub(crate) fn quoted(raw: &[u8]) -> String {
    let text = String::from_utf8_lossy(raw);
    let mut quoted: String = text.chars().take(MAX_QUOTED).map(shown).collect();
    if text.chars().nth(MAX_QUOTED).is_some() {
        quoted.push('…');
    }
    quoted
}

/// One character for a log or a message; what could move the cursor or turn the text around is escaped.
pub(crate) fn shown(c: char) -> String {
    let turns = matches!(c, '\u{200e}' | '\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2066}'..='\u{2069}');
    if c.is_control() || turns { c.escape_default().to_string() } else { c.to_string() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_quoted_name_cannot_touch_the_terminal() {
        assert_eq!(quoted(b"a\x1b[2J\nb\xff"), "a\\u{1b}[2J\\nb\u{fffd}");
        assert_eq!(quoted("x\u{202e}y".as_bytes()), "x\\u{202e}y");
        assert_eq!(quoted(&[b'a'; 300]).chars().count(), 201);
    }
}
