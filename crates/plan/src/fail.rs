//! The failures of planning, each with the place or the setting that a person has to look at.

use shipstack_types::{Code, Failure, Phase, RelPath};

/// Longest piece of a project's own text that is repeated in a message, in characters.
const MAX_QUOTED: usize = 80;
/// Longest reason of a library, in characters: one that lists every field is whole.
const MAX_REASON: usize = 400;

/// A failure of the phase that plans.
pub(crate) fn fail(code: Code, message: impl Into<String>) -> Failure {
    Failure::new(Phase::Preparing, code).message(message)
}

/// A file that cannot be read, with the place in it.
pub(crate) fn invalid(path: &RelPath, why: impl std::fmt::Display) -> Failure {
    fail(Code::ProjectInvalid, format!("{path}: {why}"))
        .remedy(format!("Correct {path} at the named place and deploy again."))
}

/// What a project wrote, fit for a message: no control characters, not long.
pub(crate) fn quoted(text: &str) -> String {
    quoted_up_to(MAX_QUOTED, text)
}

/// A reason of a library, which may list everything that is allowed; a project's own text is part of it too.
pub(crate) fn quoted_reason(text: &str) -> String {
    quoted_up_to(MAX_REASON, text)
}

fn quoted_up_to(most: usize, text: &str) -> String {
    let mut short: String = text.chars().take(most).flat_map(char::escape_debug).collect();
    if text.chars().nth(most).is_some() {
        short.push('…');
    }
    format!("\u{201c}{short}\u{201d}")
}

/// A folder as a person calls it.
pub(crate) fn folder_name(folder: &RelPath) -> String {
    if folder.is_root() { "the root of the source".to_owned() } else { format!("{folder}/") }
}
