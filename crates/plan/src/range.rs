//! npm version ranges (`>=18 <21 || ^22.1`), as far as a choice among installed versions needs them.
//!
//! **Guarantees**: every range is a union of half-open intervals, at most [`MAX_ALTERNATIVES`] of them; what does not
//! parse is an error and never "anything". Semantics: the range grammar of npm's `node-semver`, without pre-releases.

use crate::version::{Partial, Version};
use std::str::FromStr;

/// More alternatives than anybody writes by hand; a cap on the work a hostile `engines` field can cause.
const MAX_ALTERNATIVES: usize = 64;
/// Longest range that is looked at, in bytes.
const MAX_BYTES: usize = 1024;

/// The versions from `low` up to, but without, `high`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Interval {
    low: Version,
    high: Option<Version>,
}

impl Interval {
    const ALL: Self = Self { low: Version { major: 0, minor: 0, patch: 0 }, high: None };

    fn meet(self, other: Self) -> Self {
        let high = match (self.high, other.high) {
            (Some(a), Some(b)) => Some(a.min(b)),
            (a, b) => a.or(b),
        };
        Self { low: self.low.max(other.low), high }
    }

    fn holds(self, version: Version) -> bool {
        version >= self.low && self.high.is_none_or(|high| version < high)
    }

    fn touches_major(self, major: u32) -> bool {
        let of_major = Partial { major: Some(major), minor: None, patch: None };
        let met = self.meet(Self { low: of_major.floor(), high: of_major.ceiling() });
        met.high.is_none_or(|high| met.low < high)
    }
}

/// A set of versions.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Range(Vec<Interval>);

/// The text is no range.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("not a version range")]
pub(crate) struct InvalidRange;

impl Range {
    /// Whether this very version is in the range.
    pub(crate) fn holds(&self, version: Version) -> bool {
        self.0.iter().any(|interval| interval.holds(version))
    }

    /// Whether some version of this major is in the range.
    pub(crate) fn touches_major(&self, major: u32) -> bool {
        self.0.iter().any(|interval| interval.touches_major(major))
    }
}

impl FromStr for Range {
    type Err = InvalidRange;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        if text.len() > MAX_BYTES || text.split("||").count() > MAX_ALTERNATIVES {
            return Err(InvalidRange);
        }
        text.split("||").map(alternative).collect::<Result<_, _>>().map(Self)
    }
}

fn alternative(text: &str) -> Result<Interval, InvalidRange> {
    if let Some((low, high)) = text.split_once(" - ") {
        let low: Partial = parse(low.trim())?;
        let high: Partial = parse(high.trim())?;
        return Ok(Interval { low: low.floor(), high: high.ceiling() });
    }
    join_operators(text).iter().try_fold(Interval::ALL, |all, one| Ok(all.meet(comparator(one)?)))
}

/// `>= 18` and `>=18` are the same: an operator that stands alone belongs to the word after it.
fn join_operators(text: &str) -> Vec<String> {
    let mut words: Vec<String> = Vec::new();
    for word in text.split([' ', ',', '\t']).filter(|word| !word.is_empty()) {
        match words.last_mut().filter(|last| last.bytes().all(|b| b"<>=^~".contains(&b))) {
            Some(operator) => operator.push_str(word),
            None => words.push(word.to_owned()),
        }
    }
    words
}

fn comparator(text: &str) -> Result<Interval, InvalidRange> {
    let digits = text.trim_start_matches(['<', '>', '=', '^', '~']);
    let (operator, _) = text.split_at(text.len() - digits.len());
    let version: Partial = parse(digits)?;
    let (low, high) = (version.floor(), version.ceiling());
    Ok(match operator {
        "" | "=" => Interval { low, high },
        ">=" => Interval { low, high: None },
        "<" => Interval { low: Interval::ALL.low, high: Some(low) },
        "<=" => Interval { low: Interval::ALL.low, high },
        ">" => above(high),
        "^" => Interval { low, high: caret(version) },
        "~" | "~>" => Interval { low, high: tilde(version) },
        _ => return Err(InvalidRange),
    })
}

/// `>22` begins after every 22; `>*` is nothing at all.
fn above(high: Option<Version>) -> Interval {
    let nothing = Interval { low: Interval::ALL.low, high: Some(Interval::ALL.low) };
    high.map_or(nothing, |low| Interval { low, high: None })
}

/// Up to the next change of the first number that is not zero.
fn caret(version: Partial) -> Option<Version> {
    let partial = match (version.major, version.minor) {
        (Some(0), Some(0)) => version,
        (Some(0), Some(_)) => Partial { patch: None, ..version },
        _ => Partial { minor: None, patch: None, ..version },
    };
    partial.ceiling()
}

fn tilde(version: Partial) -> Option<Version> {
    Partial { patch: None, ..version }.ceiling()
}

fn parse(text: &str) -> Result<Partial, InvalidRange> {
    let text = if text.is_empty() { "*" } else { text };
    text.parse().map_err(|_| InvalidRange)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn majors(range: &str) -> Vec<u32> {
        let range: Range = range.parse().unwrap();
        [18, 20, 22, 24].into_iter().filter(|major| range.touches_major(*major)).collect()
    }

    #[test]
    fn ranges_choose_the_majors_that_npm_would() {
        for (range, want) in [
            ("", vec![18, 20, 22, 24]),
            ("*", vec![18, 20, 22, 24]),
            ("x", vec![18, 20, 22, 24]),
            ("22", vec![22]),
            ("22.x", vec![22]),
            ("^20.19.0 || >=22.12.0", vec![20, 22, 24]),
            (">=18 <21", vec![18, 20]),
            (">= 18 < 21", vec![18, 20]),
            ("18 - 22", vec![18, 20, 22]),
            ("~20.1", vec![20]),
            ("~> 20", vec![20]),
            (">22", vec![24]),
            ("<20", vec![18]),
            ("<=20", vec![18, 20]),
            ("<20.1", vec![18, 20]),
            (">=99", vec![]),
            ("^0.10", vec![]),
            ("v22.1.0", vec![22]),
            (">*", vec![]),
        ] {
            assert_eq!(majors(range), want, "{range:?}");
        }
    }

    #[test]
    fn an_exact_version_is_held_or_not() {
        let range: Range = "^20.19.0 || >=22.12.0".parse().unwrap();
        for (version, held) in
            [((20, 18, 9), false), ((20, 19, 0), true), ((22, 11, 0), false), ((22, 12, 0), true)]
        {
            assert_eq!(range.holds(Version::new(version.0, version.1, version.2)), held, "{version:?}");
        }
    }

    #[test]
    fn what_is_no_range_is_an_error_and_never_anything() {
        let long = "1 || ".repeat(100);
        for text in ["latest", "../../x", "><1", "1.2.3.4", "||a", long.as_str()] {
            assert_eq!(text.parse::<Range>(), Err(InvalidRange), "{text:?}");
        }
    }
}
