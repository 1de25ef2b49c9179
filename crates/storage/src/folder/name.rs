//! How a key becomes a path, and back.
//!
//! Keys come from what users publish, so a path must not be able to leave the folder, and two keys must never meet:
//! * `a` and `a/b` may both be objects, so a folder's name ends with `@`, which no file's name does;
//! * some file systems fold case or Unicode forms, so only `a-z 0-9 . _ -` stand for themselves: `R` becomes `^r`,
//!   every other byte `%xx`;
//! * a dot at the beginning or after a dot is escaped, so `.` and `..` do not exist;
//! * a name may be 255 bytes and more once escaped: it is cut into folders whose names end with `+`.

use std::path::{Component, Path, PathBuf};

/// Longest piece of a name. File systems take 255 bytes; encrypting ones take 143.
const PIECE: usize = 140;

/// The path of an object, relative to the folder of all objects.
pub(super) fn of_object(key: &str) -> PathBuf {
    match key.rsplit_once('/') {
        Some((folders, file)) => of_prefix(folders).join(pieces(file, "")),
        None => pieces(key, ""),
    }
}

/// The path of a prefix, relative to the folder of all objects.
pub(super) fn of_prefix(prefix: &str) -> PathBuf {
    prefix.split('/').filter(|segment| !segment.is_empty()).map(|segment| pieces(segment, "@")).collect()
}

/// The key that has this path; `None` for a path that no key has.
pub(super) fn key_of(path: &Path) -> Option<String> {
    let (mut key, mut name) = (Vec::new(), String::new());
    for component in path.components() {
        let Component::Normal(piece) = component else { return None };
        let piece = piece.to_str()?;
        if let Some(begin) = piece.strip_suffix('+') {
            name.push_str(begin);
        } else if let Some(end) = piece.strip_suffix('@') {
            name.push_str(end);
            unescape(&std::mem::take(&mut name), &mut key)?;
            key.push(b'/');
        } else {
            name.push_str(piece);
        }
    }
    unescape(&name, &mut key)?;
    String::from_utf8(key).ok()
}

/// A segment as a path of one piece or more, the last with `ending`.
fn pieces(segment: &str, ending: &str) -> PathBuf {
    let escaped = escape(segment);
    let mut rest = escaped.as_str();
    let mut path = PathBuf::new();
    while rest.len() > PIECE {
        // No piece begins with a dot: there are never two in a row, so one step back is enough.
        let at = if rest.as_bytes().get(PIECE) == Some(&b'.') { PIECE - 1 } else { PIECE };
        let (piece, left) = rest.split_at(at);
        path.push(format!("{piece}+"));
        rest = left;
    }
    path.push(format!("{rest}{ending}"));
    path
}

fn escape(segment: &str) -> String {
    let mut escaped = String::with_capacity(segment.len());
    for byte in segment.bytes() {
        match byte {
            b'a'..=b'z' | b'0'..=b'9' | b'_' | b'-' => escaped.push(char::from(byte)),
            b'.' if !escaped.is_empty() && !escaped.ends_with('.') => escaped.push('.'),
            b'A'..=b'Z' => escaped.extend(['^', char::from(byte.to_ascii_lowercase())]),
            _ => {
                let digit = |nibble: u8| char::from_digit(nibble.into(), 16).unwrap_or_default();
                escaped.extend(['%', digit(byte >> 4), digit(byte & 15)]);
            }
        }
    }
    escaped
}

fn unescape(name: &str, key: &mut Vec<u8>) -> Option<()> {
    let mut bytes = name.bytes();
    while let Some(byte) = bytes.next() {
        key.push(match byte {
            b'^' => bytes.next()?.to_ascii_uppercase(),
            b'%' => nibble(bytes.next()?)? << 4 | nibble(bytes.next()?)?,
            plain => plain,
        });
    }
    Some(())
}

fn nibble(digit: u8) -> Option<u8> {
    char::from(digit).to_digit(16).and_then(|value| u8::try_from(value).ok())
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn text(key: &str) -> String {
        of_object(key).to_str().unwrap().to_owned()
    }

    #[test]
    fn plain_names_stay_readable() {
        assert_eq!(text("output/abc/dist/index.html"), "output@/abc@/dist@/index.html");
    }

    #[test]
    fn an_object_and_a_folder_of_the_same_name_do_not_meet() {
        assert_ne!(of_object("a"), of_object("a/b").parent().unwrap());
        assert_ne!(of_object("a@"), of_object("a/b").parent().unwrap());
    }

    #[test]
    fn names_that_some_file_systems_fold_do_not_meet() {
        assert_eq!(text("README.md"), "^r^e^a^d^m^e.md");
        assert_eq!(text("e\u{301}"), "e%cc%81");
        assert_eq!(text("\u{e9}"), "%c3%a9");
    }

    #[test]
    fn dots_lead_nowhere() {
        assert_eq!(text(".."), "%2e.");
        assert_eq!(text("a/../b"), "a@/%2e.@/b");
        assert_eq!(text("a..b"), "a.%2eb");
    }

    #[test]
    fn the_longest_key_fits_every_name_and_comes_back() {
        let key = format!("output/{}", "Ä".repeat(508));
        let path = of_object(&key);
        assert!(path.components().all(|piece| piece.as_os_str().len() <= PIECE + 1));
        assert_eq!(key_of(&path).as_deref(), Some(key.as_str()));
    }

    proptest! {
        #[test]
        fn every_key_has_a_path_of_its_own(key in "([a-zA-Z.@+^%é ]{1,300}/){0,3}[a-zA-Z.@+^%é ]{1,300}") {
            let path = of_object(&key);
            prop_assert!(path.is_relative());
            prop_assert!(path.components().all(|piece| matches!(piece, Component::Normal(_))));
            prop_assert_eq!(key_of(&path), Some(key));
        }
    }
}
