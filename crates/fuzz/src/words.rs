//! Short texts with one grammar each: what is accepted is written as it is read.

use crate::input::Input;
use shipstack_plan::Version;
use shipstack_types::{DeploymentId, GitRef, HostAllowList, ListCursor, TraceParent};
use std::fmt::{Debug, Display};
use std::str::FromStr;

/// A byte that tells the grammar, then the text.
pub(crate) fn check(data: &[u8]) {
    let mut input = Input::new(data);
    let kind = input.byte();
    let Ok(text) = std::str::from_utf8(input.rest()) else { return };
    match kind % 6 {
        0 => id(text),
        1 => git_ref(text),
        2 => {
            reads_as_written::<TraceParent>(text);
        }
        3 => cursor(text),
        4 => hosts(text),
        _ => {
            reads_as_written::<Version>(text);
        }
    }
}

fn reads_as_written<T: FromStr + Display + PartialEq + Debug>(text: &str) -> Option<T> {
    let value: T = text.parse().ok()?;
    let written = value.to_string();
    assert_eq!(written.parse().ok().as_ref(), Some(&value), "{text:?} is written {written:?}");
    Some(value)
}

fn id(text: &str) {
    let Some(id) = reads_as_written::<DeploymentId>(text) else { return };
    assert_eq!(id.as_str(), text);
    // It becomes a piece of a key, of a path, of a host name and of a command's argument.
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'_';
    assert!(text.bytes().all(plain) && (1..=63).contains(&text.len()));
    if id.is_ours() {
        assert!(id.is_dns_label());
    }
    if id.is_dns_label() {
        let name = format!("{text}.sites.example");
        assert!(url::Host::parse(&name).is_ok_and(|host| host.to_string() == name), "{name}");
    }
}

fn git_ref(text: &str) {
    let Some(git_ref) = reads_as_written::<GitRef>(text) else { return };
    assert_eq!(git_ref.as_str(), text);
    assert!(!text.starts_with(['-', '+', '/']), "{text:?} is an option or a refspec");
    let means_something = [":", "..", "@{", "~", "^", "*", "?", "[", "\\", " ", "\n", "\0", "//"];
    assert!(!means_something.iter().any(|part| text.contains(part)), "{text:?}");
    assert!(text.strip_suffix(".lock").is_none() && !text.ends_with('/'), "{text:?}");
}

fn cursor(text: &str) {
    if let Some(cursor) = reads_as_written::<ListCursor>(text) {
        // Numbers beyond 2^53 lose digits in Redis.
        assert!(cursor.at.as_millis() < 1 << 53, "{text:?}");
    }
}

fn hosts(text: &str) {
    let Ok(list) = text.parse::<HostAllowList>() else { return };
    let written = String::from(list.clone());
    assert_eq!(written.parse::<HostAllowList>().as_ref(), Ok(&list), "{text:?} is written {written:?}");
    assert_eq!(list.is_empty(), written.is_empty());
    let names = |host: &str| text.to_ascii_lowercase().contains(host);
    for host in ["a.example", "b", "10.0.0.1", "::1"] {
        assert!(names(host) || !list.allows(host, 443), "{text:?} exempts {host}");
    }
}
