//! serving.md §1 step 3: the request's path, decoded exactly once, refused rather than repaired.
//!
//! **Guarantees**: a [`SitePath`] is UTF-8 without control characters, backslash, `.` or `..` segments; it was decoded
//! once, so `%252e` is the literal text `%2e`. It may still name nothing at all: whether a file is there is [`crate::find`]'s
//! question, and only names out of the manifest ever reach a store or a header.

use percent_encoding::percent_decode_str;

/// Longest path of a request, in bytes as sent; longer ones are 414.
pub const MAX_PATH_BYTES: usize = 8 * 1024;

/// The only name with a leading dot that is ever served (RFC 8615).
const WELL_KNOWN: &str = ".well-known";

/// Why a path is refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PathRefusal {
    /// Over [`MAX_PATH_BYTES`]: 414.
    TooLong,
    /// Anything else that a browser would never send: 400.
    Malformed,
}

/// A decoded path, relative to the root of the site.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SitePath {
    text: String,
    ends_in_slash: bool,
    nameable: bool,
}

impl SitePath {
    /// Decodes the path of a request line, which begins with `/` and has no query.
    pub fn decode(raw: &str) -> Result<Self, PathRefusal> {
        if raw.len() > MAX_PATH_BYTES {
            return Err(PathRefusal::TooLong);
        }
        let raw = raw.strip_prefix('/').ok_or(PathRefusal::Malformed)?;
        let decoded = decode_once(raw)?;
        check(&decoded)?;
        // An encoded slash is data and no separator (RFC 3986 §2.2), and no file name has one: such a path is no file.
        let nameable = decoded.matches('/').count() == raw.matches('/').count() && !is_hidden(&decoded);
        let trimmed = decoded.strip_suffix('/');
        let ends_in_slash = trimmed.is_some() || decoded.is_empty();
        let text = trimmed.map_or_else(|| decoded.clone(), str::to_owned);
        Ok(Self { text, ends_in_slash, nameable })
    }

    /// The path without leading and trailing slash; empty for the root.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// Whether a folder was asked for: the path ended in a slash, or is the root.
    #[must_use]
    pub fn ends_in_slash(&self) -> bool {
        self.ends_in_slash
    }

    /// Whether this can be the name of a file at all: no hidden segment, no encoded slash.
    #[must_use]
    pub fn can_name_a_file(&self) -> bool {
        self.nameable
    }

    /// The folders the path lies in, innermost first, the root (empty) last.
    pub(crate) fn folders(&self) -> impl Iterator<Item = &str> {
        let own = self.ends_in_slash.then_some(self.text.as_str()).filter(|text| !text.is_empty());
        let above = self.text.rmatch_indices('/').filter_map(|(at, _)| self.text.get(..at));
        own.into_iter().chain(above).chain(std::iter::once(""))
    }

    /// The last segment that is not empty.
    pub(crate) fn last_segment(&self) -> &str {
        self.text.rsplit('/').next().unwrap_or_default()
    }

    /// The first segment.
    pub(crate) fn first_segment(&self) -> &str {
        self.text.split('/').next().unwrap_or_default()
    }
}

fn decode_once(raw: &str) -> Result<String, PathRefusal> {
    let mut rest = raw.as_bytes();
    while let Some(at) = rest.iter().position(|byte| *byte == b'%') {
        let digits = rest.get(at + 1..at + 3).ok_or(PathRefusal::Malformed)?;
        if !digits.iter().all(u8::is_ascii_hexdigit) {
            return Err(PathRefusal::Malformed);
        }
        rest = rest.get(at + 3..).unwrap_or_default();
    }
    let decoded = percent_decode_str(raw).decode_utf8().map_err(|_| PathRefusal::Malformed)?;
    Ok(decoded.into_owned())
}

fn check(decoded: &str) -> Result<(), PathRefusal> {
    let strange = |c: char| c.is_control() || c == '\\';
    let leaves = |segment: &str| segment == "." || segment == "..";
    if decoded.chars().any(strange) || decoded.split('/').any(leaves) {
        return Err(PathRefusal::Malformed);
    }
    Ok(())
}

/// A segment that begins with a dot is never there, except `.well-known`.
fn is_hidden(decoded: &str) -> bool {
    decoded.split('/').any(|segment| segment.starts_with('.') && segment != WELL_KNOWN)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn a_path_that_a_browser_would_never_send_is_refused() {
        for raw in [
            "",
            "a",
            "/../../etc/passwd",
            "/%2e%2e/",
            "/..%2f",
            "/..%2F..%2f",
            "/..\\..\\x",
            "/%5c",
            "/.%2e/",
            "/a/./b",
            "/a%00.html",
            "/%0d%0aSet-Cookie:x=1",
            "/%0a",
            "/%7f",
            "/%c2%85",
            "/%c0%ae%c0%ae/x",
            "/%ff",
            "/%zz",
            "/%",
            "/%2",
            "/%u002e",
            "/a/..",
            "/.",
            "/\\evil.example",
        ] {
            assert_eq!(SitePath::decode(raw), Err(PathRefusal::Malformed), "{raw}");
        }
    }

    #[test]
    fn a_path_is_decoded_once_and_not_twice() {
        for (raw, want) in [
            ("/%252e%252e%252f", "%2e%2e%2f"),
            ("/a%2520b", "a%20b"),
            ("/a%20b.html", "a b.html"),
            ("/%C3%A9", "é"),
            ("/a//b", "a//b"),
            ("/..;/x", "..;/x"),
            ("/users/john.doe", "users/john.doe"),
        ] {
            assert_eq!(SitePath::decode(raw).unwrap().as_str(), want, "{raw}");
        }
    }

    #[test]
    fn a_path_over_8_kib_is_too_long() {
        assert!(SitePath::decode(&format!("/{}", "a".repeat(MAX_PATH_BYTES - 1))).is_ok());
        let long = format!("/{}", "a".repeat(MAX_PATH_BYTES));
        assert_eq!(SitePath::decode(&long), Err(PathRefusal::TooLong));
    }

    #[test]
    fn hidden_names_and_encoded_slashes_name_no_file() {
        for (raw, nameable) in [
            ("/.env", false),
            ("/a/.git/config", false),
            ("/.well-known/acme-challenge/x", true),
            ("/a%2Findex.html", false),
            ("/%2Findex.html", false),
            ("/a/index.html", true),
        ] {
            assert_eq!(SitePath::decode(raw).unwrap().can_name_a_file(), nameable, "{raw}");
        }
    }

    #[test]
    fn folders_are_walked_from_the_inside_out() {
        let folders = |raw| SitePath::decode(raw).unwrap().folders().map(str::to_owned).collect::<Vec<_>>();
        assert_eq!(folders("/a/b/c"), ["a/b", "a", ""]);
        assert_eq!(folders("/a/b/"), ["a/b", "a", ""]);
        assert_eq!(folders("/"), [""]);
    }

    proptest! {
        #[test]
        fn decoding_never_panics_and_never_lets_a_climb_through(raw in "/[ -~é%./]{0,60}") {
            if let Ok(path) = SitePath::decode(&raw) {
                prop_assert!(path.as_str().split('/').all(|s| s != "." && s != ".."));
                prop_assert!(!path.as_str().contains(['\\', '\0', '\n', '\r']));
            }
        }

        #[test]
        fn any_text_decodes_to_what_was_encoded(text in "[^\\pC\\\\/.]{1,20}") {
            let raw = format!("/{}", percent_encoding::utf8_percent_encode(&text, percent_encoding::NON_ALPHANUMERIC));
            let path = SitePath::decode(&raw).unwrap();
            prop_assert_eq!(path.as_str(), text);
        }
    }
}
