//! A branch, tag or commit, in the grammar of `git check-ref-format` and without a leading dash.

use serde::{Deserialize, Serialize};
use std::fmt;
use std::str::FromStr;

const MAX_BYTES: usize = 255;

/// A branch, tag or full commit hash that is safe as an argument of git.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct GitRef(String);

/// The text is no acceptable ref.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("not a branch, tag or commit")]
pub struct InvalidGitRef;

impl GitRef {
    /// The ref as git gets it.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Whether it is a full commit hash (SHA-1 or SHA-256).
    #[must_use]
    pub fn is_commit(&self) -> bool {
        matches!(self.0.len(), 40 | 64) && self.0.bytes().all(|b| b.is_ascii_hexdigit())
    }
}

impl FromStr for GitRef {
    type Err = InvalidGitRef;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let illegal = |c: char| c.is_control() || c.is_whitespace() || " ~^:?*[\\".contains(c);
        let refused = text.is_empty()
            || text.len() > MAX_BYTES
            // A leading + would make a refspec of it: another ref would be fetched than the one that was checked.
            || text.starts_with(['-', '/', '+'])
            || text.ends_with(['/', '.'])
            || text == "@"
            || text == "HEAD"
            || text.contains("..")
            || text.contains("//")
            || text.contains("@{")
            || text.chars().any(illegal)
            || text.split('/').any(|part| part.starts_with('.') || part.strip_suffix(".lock").is_some())
            // Only branches and tags: refs/pull/… would fetch what the repository's owner never accepted.
            || (text.starts_with("refs/") && !text.starts_with("refs/heads/") && !text.starts_with("refs/tags/"))
            || is_proposal(text);
        if refused { Err(InvalidGitRef) } else { Ok(Self(text.to_owned())) }
    }
}

/// `pull/1/head` and the like: git looks a short name up below `refs/` before it looks among the branches, and there
/// code hosts keep what strangers proposed.
fn is_proposal(text: &str) -> bool {
    let hosts = ["pull", "pull-requests", "merge-requests", "changes"];
    let mut parts = text.split('/');
    let is_number = |part: &str| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_digit());
    parts.next().is_some_and(|first| hosts.contains(&first)) && parts.next().is_some_and(is_number)
}

impl TryFrom<String> for GitRef {
    type Error = InvalidGitRef;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        text.parse()
    }
}

impl From<GitRef> for String {
    fn from(value: GitRef) -> Self {
        value.0
    }
}

impl fmt::Display for GitRef {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_ref_that_git_could_misread_is_refused() {
        let long = "a".repeat(300);
        for text in [
            "",
            "--upload-pack=touch /tmp/p",
            "-x",
            "a..b",
            "a b",
            "a~1",
            "a^",
            "a:b",
            "a?",
            "@{",
            "a@{0}",
            "a.lock",
            "/a",
            "a//b",
            "a\u{7f}",
            "a/.b",
            "a.",
            "HEAD",
            "@",
            "refs/pull/1/head",
            "+main",
            "+refs/pull/1/head",
            "pull/1/head",
            "merge-requests/7/head",
            "changes/01/1/1",
            "a\\b",
            "a[",
            "a*",
            long.as_str(),
        ] {
            assert_eq!(text.parse::<GitRef>(), Err(InvalidGitRef), "{text:?}");
        }
    }

    #[test]
    fn branches_tags_and_commits_are_taken() {
        for text in [
            "main",
            "feature/x",
            "v1.2.3",
            "refs/heads/main",
            "refs/tags/v1",
            "fix-1_2",
            "ünï",
            "pull/x",
            "a+b",
        ] {
            assert!(!text.parse::<GitRef>().unwrap().is_commit(), "{text}");
        }
        assert!("9f1c0d2e".repeat(5).parse::<GitRef>().unwrap().is_commit());
    }
}
