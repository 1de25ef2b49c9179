//! The two streams: answers on standard output, words for a person on standard error.

use std::io::Write as _;

use serde::Serialize;

/// How a command answers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum AnswerAs {
    Text,
    Json,
}

/// One line of the answer. A reader that is gone (`| head`) is no error of ours.
pub(crate) fn answer(line: &str) {
    let _gone = writeln!(std::io::stdout(), "{line}");
}

/// The answer as JSON, on one line.
pub(crate) fn answer_json(value: &impl Serialize) {
    let text = serde_json::to_string(value).unwrap_or_else(|error| format!("{{\"error\":\"{error}\"}}"));
    answer(&text);
}

/// One line for the person.
pub(crate) fn tell(line: &str) {
    let _gone = writeln!(std::io::stderr(), "{line}");
}
