//! From git's last words to a code of the table.
//!
//! git has one exit status for everything, so its text decides, in its own language (`LC_ALL=C`). The server's lines are
//! not among these words. An unknown text is a host that does not answer as it should, with the text as the detail.

use super::SourceError;
use shipstack_types::Code;

/// What git says and what it means; the first that is found counts.
const TABLE: &[(&str, Code)] = &[
    ("No space left on device", Code::DiskFull),
    ("Out of memory", Code::SourceTooLarge),
    ("out of memory", Code::SourceTooLarge),
    ("mmap failed", Code::SourceTooLarge),
    // SIGXFSZ: the pack passed the limit on a file's size.
    ("died of signal 25", Code::SourceTooLarge),
    ("File too large", Code::SourceTooLarge),
    // fsck of what arrived: names that would climb or impersonate a repository.
    ("hasDotdot", Code::PathEscape),
    ("hasDotgit", Code::PathEscape),
    ("hasDot", Code::PathEscape),
    ("fullPathname", Code::PathEscape),
    ("fsck error", Code::EntryType),
    ("returned error: 401", Code::GitAuthRequired),
    ("returned error: 403", Code::GitAuthRequired),
    ("could not read Username", Code::GitAuthRequired),
    ("could not read Password", Code::GitAuthRequired),
    ("Authentication failed", Code::GitAuthRequired),
    ("terminal prompts disabled", Code::GitAuthRequired),
    ("returned error: 404", Code::GitRepositoryNotFound),
    ("returned error: 410", Code::GitRepositoryNotFound),
    ("is this a git repository?", Code::GitRepositoryNotFound),
    ("does not appear to be a git repository", Code::GitRepositoryNotFound),
    ("' not found", Code::GitRepositoryNotFound),
    ("returned error: 30", Code::AddressNotAllowed),
    ("couldn't find remote ref", Code::GitRefNotFound),
    ("not our ref", Code::GitRefNotFound),
    ("unadvertised object", Code::GitRefNotFound),
    ("no such remote ref", Code::GitRefNotFound),
    ("Could not resolve host", Code::GitHostNotFound),
];

/// What a failed fetch means. `asked` is the ref that was asked for, if there was one.
pub(crate) fn classify(last_words: &[String], asked: Option<&str>) -> SourceError {
    let said = |needle: &str| last_words.iter().find(|line| line.contains(needle));
    let found = TABLE.iter().find_map(|(needle, code)| said(needle).map(|line| (*code, line)));
    // What a helper died of stands before git's own last line, which only says that one did.
    let last = || last_words.iter().rev().find(|line| line.starts_with("fatal:")).or(last_words.last());
    let detail = found.map(|(_, line)| line).or_else(last).map_or("git said nothing", String::as_str);
    let found = found.map_or(Code::GitUnreachable, |(code, _)| code);
    match (found, asked) {
        // Only a repository without any commit lacks the ref that is asked for when none is.
        (Code::GitRefNotFound, None) => SourceError::git(Code::GitEmpty, detail),
        (Code::AddressNotAllowed, _) => SourceError::Redirected,
        (code, _) => SourceError::git(code, detail),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_git_says_has_one_meaning() {
        let meaning = |said: &str, asked| classify(&["x".into(), said.into()], asked).code();
        for (said, code) in [
            (
                "fatal: unable to access 'http://h/': The requested URL returned error: 302",
                Code::AddressNotAllowed,
            ),
            (
                "fatal: unable to access 'http://h/': The requested URL returned error: 403",
                Code::GitAuthRequired,
            ),
            ("fatal: repository 'http://h/x/' not found", Code::GitRepositoryNotFound),
            ("fatal: http://h/x/info/refs not valid: is this a git repository?", Code::GitRepositoryNotFound),
            (
                "fatal: could not read Username for 'http://h': terminal prompts disabled",
                Code::GitAuthRequired,
            ),
            ("fatal: couldn't find remote ref nope", Code::GitRefNotFound),
            ("fatal: remote error: upload-pack: not our ref 9f1c", Code::GitRefNotFound),
            ("error: index-pack died of signal 25", Code::SourceTooLarge),
            ("fatal: Out of memory, malloc failed (tried to allocate 9 bytes)", Code::SourceTooLarge),
            ("error: object 9f1c: hasDotgit: contains '.git'", Code::PathEscape),
            ("fatal: unable to access 'h': Failed to connect to h port 443", Code::GitUnreachable),
            (
                "fatal: unable to access 'h': Operation too slow. Less than 1000 bytes/sec",
                Code::GitUnreachable,
            ),
            ("fatal: write error: No space left on device", Code::DiskFull),
        ] {
            assert_eq!(meaning(said, Some("main")), code, "{said}");
        }
        assert_eq!(meaning("fatal: couldn't find remote ref HEAD", None), Code::GitEmpty);
        assert_eq!(classify(&[], None).code(), Code::GitUnreachable);
    }
}
