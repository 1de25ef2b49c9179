//! The hostile catalogue's files (`tests/hostile/README.md`), read.

use serde::Deserialize;
use serde::de::DeserializeOwned;
use std::path::Path;

/// The cases of a file.
pub(crate) fn cases<T: DeserializeOwned>(name: &str) -> Vec<T> {
    #[derive(Deserialize)]
    struct File<T> {
        case: Vec<T>,
    }
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/hostile").join(name);
    let text = std::fs::read_to_string(&path).unwrap();
    let file: File<T> = toml::from_str(&text).unwrap_or_else(|error| panic!("{name}: {error}"));
    file.case
}

/// What the file means by a string: `<300*a>` is `a` three hundred times.
pub(crate) fn expand(text: &str) -> String {
    let mut expanded = String::new();
    let mut rest = text;
    while let Some(start) = rest.find('<') {
        expanded.push_str(&rest[..start]);
        match repetition(&rest[start..]) {
            Some((many, length)) => {
                expanded.push_str(&many);
                rest = &rest[start + length..];
            }
            None => {
                expanded.push('<');
                rest = &rest[start + 1..];
            }
        }
    }
    expanded + rest
}

/// `<count*text>` at the front: what it stands for, and its own length.
fn repetition(text: &str) -> Option<(String, usize)> {
    let end = text.find('>')?;
    let (count, what) = text.get(1..end)?.split_once('*')?;
    Some((what.repeat(count.parse().ok()?), end + 1))
}

/// The bytes that a string of the file stands for: one for each character up to U+00FF, UTF-8 for what is above.
pub(crate) fn bytes(text: &str) -> Vec<u8> {
    let mut bytes = Vec::new();
    for character in text.chars() {
        match u8::try_from(u32::from(character)) {
            Ok(byte) => bytes.push(byte),
            Err(_) => bytes.extend(character.to_string().bytes()),
        }
    }
    bytes
}

#[test]
fn a_repetition_stands_for_its_text_and_other_angles_for_themselves() {
    assert_eq!(expand("a<3*bc>d<script>x<2*->"), "abcbcbcd<script>x--");
    assert_eq!(bytes("a\u{ff}é✓"), [b"a\xff\xe9".as_slice(), "✓".as_bytes()].concat());
}
