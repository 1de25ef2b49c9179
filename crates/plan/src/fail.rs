//! The failures of planning, each with the place or the setting that a person has to look at.

use shipstack_types::{Code, Failure, Phase, RelPath};

/// Longest piece of a project's own text that is repeated in a message, in characters.
const MAX_QUOTED: usize = 80;

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
    let mut short: String = text.chars().take(MAX_QUOTED).flat_map(char::escape_debug).collect();
    if text.chars().nth(MAX_QUOTED).is_some() {
        short.push('…');
    }
    format!("\u{201c}{short}\u{201d}")
}

/// A folder as a person calls it.
pub(crate) fn folder_name(folder: &RelPath) -> String {
    if folder.is_root() { "the root of the source".to_owned() } else { format!("{folder}/") }
}
