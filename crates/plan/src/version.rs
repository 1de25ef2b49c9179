//! Versions as package authors write them: one to three numbers, with or without a `v`.
//!
//! **Is not** a library of semantic versions: pre-releases are read as their release, because what is chosen here is a *major* out
//! of the handful that a builder image carries.

use serde::{Deserialize, Serialize};
use std::fmt;
use std::str::FromStr;

/// A version of a tool in the builder image. Missing numbers are zero.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Version {
    /// The major version, which is what a project chooses by.
    pub major: u32,
    /// The minor version.
    pub minor: u32,
    /// The patch version.
    pub patch: u32,
}

impl Version {
    /// A version from its three numbers.
    #[must_use]
    pub fn new(major: u32, minor: u32, patch: u32) -> Self {
        Self { major, minor, patch }
    }
}

impl fmt::Display for Version {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{}.{}", self.major, self.minor, self.patch)
    }
}

impl From<Version> for String {
    fn from(version: Version) -> Self {
        version.to_string()
    }
}

impl TryFrom<String> for Version {
    type Error = InvalidVersion;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        text.parse()
    }
}

/// The text is no version.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("not a version: one to three numbers, such as 22 or 22.12.0")]
pub struct InvalidVersion;

impl FromStr for Version {
    type Err = InvalidVersion;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let partial: Partial = text.parse()?;
        let major = partial.major.ok_or(InvalidVersion)?;
        Ok(Self::new(major, partial.minor.unwrap_or(0), partial.patch.unwrap_or(0)))
    }
}

/// A version of which the later numbers may be open: `22`, `22.x`, `22.1`, `*`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Partial {
    pub(crate) major: Option<u32>,
    pub(crate) minor: Option<u32>,
    pub(crate) patch: Option<u32>,
}

impl Partial {
    /// The lowest version of this form.
    pub(crate) fn floor(self) -> Version {
        Version::new(self.major.unwrap_or(0), self.minor.unwrap_or(0), self.patch.unwrap_or(0))
    }

    /// The lowest version above every version of this form; `None` when there is none.
    pub(crate) fn ceiling(self) -> Option<Version> {
        match (self.major?, self.minor, self.patch) {
            (major, None, _) => Some(Version::new(major.saturating_add(1), 0, 0)),
            (major, Some(minor), None) => Some(Version::new(major, minor.saturating_add(1), 0)),
            (major, Some(minor), Some(patch)) => Some(Version::new(major, minor, patch.saturating_add(1))),
        }
    }
}

impl FromStr for Partial {
    type Err = InvalidVersion;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let text = text.strip_prefix(['v', 'V', '=']).unwrap_or(text);
        // Build metadata and pre-release tags say nothing about the major.
        let release = text.split(['-', '+']).next().unwrap_or_default();
        let mut numbers = release.split('.');
        let major = number(numbers.next())?;
        let minor = number_after(major, numbers.next())?;
        let patch = number_after(minor, numbers.next())?;
        if numbers.next().is_some() || release.is_empty() {
            return Err(InvalidVersion);
        }
        Ok(Self { major, minor, patch })
    }
}

fn number(text: Option<&str>) -> Result<Option<u32>, InvalidVersion> {
    match text {
        None | Some("x" | "X" | "*") => Ok(None),
        Some(digits) if digits.bytes().all(|b| b.is_ascii_digit()) => {
            digits.parse().map(Some).map_err(|_| InvalidVersion)
        }
        Some(_) => Err(InvalidVersion),
    }
}

/// After an open number everything is open: `22.x.3` is `22.x`.
fn number_after(before: Option<u32>, text: Option<&str>) -> Result<Option<u32>, InvalidVersion> {
    let this = number(text)?;
    Ok(before.and(this))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn versions_are_read_in_the_forms_people_write() {
        for (text, want) in [
            ("22", Version::new(22, 0, 0)),
            ("v22.12.1", Version::new(22, 12, 1)),
            ("=20.1", Version::new(20, 1, 0)),
            ("20.x", Version::new(20, 0, 0)),
            ("10.2.0+sha256.abc", Version::new(10, 2, 0)),
            ("9.0.0-rc.1", Version::new(9, 0, 0)),
        ] {
            assert_eq!(text.parse(), Ok(want), "{text}");
        }
    }

    #[test]
    fn what_is_no_version_is_refused() {
        for text in ["", "v", "../../x", "1.2.3.4", "lts/*", "99999999999", "1..2", "-1", " 1"] {
            assert_eq!(text.parse::<Version>(), Err(InvalidVersion), "{text:?}");
        }
    }
}
