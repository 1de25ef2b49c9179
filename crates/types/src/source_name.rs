//! What a person calls a source that has no address: the folder or archive that was uploaded.

use serde::{Deserialize, Serialize};
use std::fmt;
use std::str::FromStr;

/// A name to show: 1 to 100 characters on one line, none of which is a control character or changes the direction or
/// place of the text around it. Nothing is ever looked up by it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct SourceName(String);

/// Why a text is no such name.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a name has 1 to 100 characters on one line, all of them visible")]
pub struct InvalidSourceName;

impl SourceName {
    /// Longest name, in characters.
    pub const MAX: usize = 100;

    /// As much of a file's name as can be shown; `None` when nothing is left.
    #[must_use]
    pub fn of(text: &str) -> Option<Self> {
        let shown: String = text.chars().filter(|c| is_shown(*c)).collect();
        let cut: String = shown.trim().chars().take(Self::MAX).collect();
        cut.trim_end().parse().ok()
    }

    /// The name.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// Marks of direction and joiners could let a name pass for another, or for the text beside it.
fn is_shown(letter: char) -> bool {
    let invisible = matches!(letter,
        '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{feff}');
    !letter.is_control() && !invisible
}

impl FromStr for SourceName {
    type Err = InvalidSourceName;

    fn from_str(text: &str) -> Result<Self, InvalidSourceName> {
        let legal = !text.is_empty()
            && text.trim() == text
            && text.chars().count() <= Self::MAX
            && text.chars().all(is_shown);
        if legal { Ok(Self(text.to_owned())) } else { Err(InvalidSourceName) }
    }
}

impl TryFrom<String> for SourceName {
    type Error = InvalidSourceName;

    fn try_from(text: String) -> Result<Self, InvalidSourceName> {
        text.parse()
    }
}

impl From<SourceName> for String {
    fn from(name: SourceName) -> Self {
        name.0
    }
}

impl fmt::Display for SourceName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_that_could_deceive_is_no_name() {
        for text in ["", " a", "a ", "a\nb", "a\u{1b}[2J", "a\u{202e}b", "\u{feff}a", &"x".repeat(101)] {
            assert!(text.parse::<SourceName>().is_err(), "{text:?}");
        }
        for text in ["my-site", "Örtchen 2", "日本", &"x".repeat(100)] {
            assert_eq!(text.parse::<SourceName>().unwrap().as_str(), text);
        }
    }

    #[test]
    fn of_a_files_name_what_can_be_shown_is_kept() {
        let kept = |text: &str| SourceName::of(text).map(String::from);
        assert_eq!(kept("  my\u{7}-site\n").as_deref(), Some("my-site"));
        assert_eq!(kept(&"x".repeat(400)).unwrap().len(), 100);
        assert_eq!(kept("\u{202e}\n"), None);
    }
}
