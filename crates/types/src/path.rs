//! Relative paths that cannot leave their folder.

use serde::{Deserialize, Serialize};
use std::fmt;
use std::str::FromStr;

/// A relative path: UTF-8, `/`-separated, no empty, `.` or `..` segment, no control character, no backslash,
/// at most 1,024 bytes and 255 a segment. The empty path (the root itself) is [`RelPath::root`].
#[derive(Clone, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct RelPath(String);

/// Why a text is no relative path.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum InvalidRelPath {
    /// It begins with `/`.
    #[error("the path is absolute")]
    Absolute,
    /// A segment is `.` or `..`.
    #[error("the path has a segment . or ..")]
    Dots,
    /// A segment is empty.
    #[error("the path has an empty segment")]
    EmptySegment,
    /// A control character or a backslash.
    #[error("the path has a control character or a backslash")]
    Character,
    /// Over 1,024 bytes, or a segment over 255.
    #[error("the path is too long")]
    TooLong,
    /// Not UTF-8.
    #[error("the path is not UTF-8")]
    Encoding,
}

impl RelPath {
    /// Longest path, in bytes (S3's limit on keys).
    pub const MAX_BYTES: usize = 1024;
    /// Longest segment, in bytes (the limit of common file systems).
    pub const MAX_SEGMENT_BYTES: usize = 255;

    /// The folder itself.
    #[must_use]
    pub fn root() -> Self {
        Self::default()
    }

    /// Whether this is the folder itself.
    #[must_use]
    pub fn is_root(&self) -> bool {
        self.0.is_empty()
    }

    /// Parses raw bytes, as archives and git give them.
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, InvalidRelPath> {
        std::str::from_utf8(bytes).map_err(|_| InvalidRelPath::Encoding)?.parse()
    }

    /// The path as text, without a leading or trailing slash.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The segments, outermost first; none for the root.
    pub fn segments(&self) -> impl DoubleEndedIterator<Item = &str> {
        self.0.split('/').filter(|segment| !segment.is_empty())
    }

    /// How many segments deep.
    #[must_use]
    pub fn depth(&self) -> usize {
        self.segments().count()
    }

    /// The last segment; empty for the root.
    #[must_use]
    pub fn name(&self) -> &str {
        self.0.rsplit('/').next().unwrap_or_default()
    }

    /// The folder this lies in; `None` for the root.
    #[must_use]
    pub fn parent(&self) -> Option<Self> {
        if self.is_root() {
            return None;
        }
        Some(self.0.rsplit_once('/').map_or_else(Self::root, |(parent, _)| Self(parent.to_owned())))
    }

    /// `below` under this folder.
    pub fn join(&self, below: &Self) -> Result<Self, InvalidRelPath> {
        match (self.is_root(), below.is_root()) {
            (true, _) => Ok(below.clone()),
            (_, true) => Ok(self.clone()),
            _ => format!("{}/{}", self.0, below.0).parse(),
        }
    }

    /// What remains of this path under `folder`; `None` when it lies elsewhere.
    #[must_use]
    pub fn strip(&self, folder: &Self) -> Option<Self> {
        if folder.is_root() {
            return Some(self.clone());
        }
        let rest = self.0.strip_prefix(&folder.0)?;
        if rest.is_empty() {
            return Some(Self::root());
        }
        rest.strip_prefix('/').map(|rest| Self(rest.to_owned()))
    }
}

impl FromStr for RelPath {
    type Err = InvalidRelPath;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        if text.is_empty() {
            return Ok(Self::root());
        }
        if text.starts_with('/') {
            return Err(InvalidRelPath::Absolute);
        }
        if text.len() > Self::MAX_BYTES {
            return Err(InvalidRelPath::TooLong);
        }
        if text.chars().any(|c| c.is_control() || c == '\\') {
            return Err(InvalidRelPath::Character);
        }
        text.split('/').try_for_each(check_segment)?;
        Ok(Self(text.to_owned()))
    }
}

fn check_segment(segment: &str) -> Result<(), InvalidRelPath> {
    match segment {
        "" => Err(InvalidRelPath::EmptySegment),
        "." | ".." => Err(InvalidRelPath::Dots),
        long if long.len() > RelPath::MAX_SEGMENT_BYTES => Err(InvalidRelPath::TooLong),
        _ => Ok(()),
    }
}

impl TryFrom<String> for RelPath {
    type Error = InvalidRelPath;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        text.parse()
    }
}

impl From<RelPath> for String {
    fn from(path: RelPath) -> Self {
        path.0
    }
}

impl fmt::Display for RelPath {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl fmt::Debug for RelPath {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:?}", self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_that_leaves_its_folder_does_not_exist() {
        use InvalidRelPath::{Absolute, Character, Dots, EmptySegment, TooLong};
        let long = "a/".repeat(600) + "b";
        let wide = "a".repeat(256);
        for (text, why) in [
            ("/etc", Absolute),
            ("..", Dots),
            ("a/../b", Dots),
            ("./a", Dots),
            ("a//b", EmptySegment),
            ("a/", EmptySegment),
            ("a\\b", Character),
            ("a\nb", Character),
            ("a\u{7f}", Character),
            (long.as_str(), TooLong),
            (wide.as_str(), TooLong),
        ] {
            assert_eq!(text.parse::<RelPath>(), Err(why), "{text:?}");
        }
        assert_eq!(RelPath::from_bytes(b"\xff"), Err(InvalidRelPath::Encoding));
    }

    #[test]
    fn stripping_a_folder_needs_the_whole_segment() {
        let path: RelPath = "abcd/e".parse().unwrap();
        assert_eq!(path.strip(&"abc".parse().unwrap()), None);
        assert_eq!(path.strip(&"abcd".parse().unwrap()).unwrap().as_str(), "e");
    }

    #[test]
    fn joining_and_parent_are_inverse() {
        let folder: RelPath = "a/b".parse().unwrap();
        let file = folder.join(&"c".parse().unwrap()).unwrap();
        assert_eq!(file.as_str(), "a/b/c");
        assert_eq!(file.parent(), Some(folder));
        assert_eq!(file.name(), "c");
        assert_eq!(RelPath::root().parent(), None);
    }
}
