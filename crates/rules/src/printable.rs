//! What a visitor sent, fit to stand in a `Location`: nothing of it can end the header or begin another.

use percent_encoding::{AsciiSet, CONTROLS, utf8_percent_encode};

/// Encoded beside control characters and everything beyond ASCII. `%` stays: what was encoded is not encoded again.
const UNPRINTABLE: &AsciiSet =
    &CONTROLS.add(b' ').add(b'"').add(b'<').add(b'>').add(b'`').add(b'#').add(b'\\');

/// The text with everything encoded that no URL has.
pub(crate) fn printable(text: &str) -> String {
    utf8_percent_encode(text, UNPRINTABLE).to_string()
}

/// Query strings survive redirects.
pub(crate) fn with_query(path: String, query: Option<&str>) -> String {
    match query.filter(|query| !query.is_empty()) {
        Some(query) => format!("{path}?{}", printable(query)),
        None => path,
    }
}
