//! Paths: whatever is accepted stays in its folder, whoever joins it.

use crate::input::Input;
use shipstack_rules::SitePath;
use shipstack_source::LinkTarget;
use shipstack_types::RelPath;
use std::path::{Component, Path};

/// Lines: a path, another one below it, a link's target; the first is also read as a request's path.
pub(crate) fn check(data: &[u8]) {
    let mut input = Input::new(data);
    let (first, second, target) = (input.line(), input.line(), input.line());
    if let Ok(text) = std::str::from_utf8(first) {
        of_request(text);
    }
    let Ok(path) = RelPath::from_bytes(first) else { return };
    stays_in_its_folder(&path);
    if let Ok(below) = RelPath::from_bytes(second) {
        joins_and_strips(&path, &below);
    }
    if let Ok(link) = LinkTarget::parse(&path, target) {
        leads_nowhere_else(&path, target, &link);
    }
}

fn stays_in_its_folder(path: &RelPath) {
    let base = Path::new("base");
    let joined = base.join(path.as_str());
    let plain = |component: Component<'_>| matches!(component, Component::Normal(_));
    assert!(joined.starts_with(base) && joined.components().all(plain), "{path}");
    assert_eq!(joined.components().count(), path.depth() + 1, "{path}");
    assert!(!path.as_str().contains(['\\', '\n', '\0']), "{path}");
    assert_eq!(path.as_str().parse::<RelPath>().as_ref(), Ok(path));
    let json = serde_json::to_string(path).unwrap();
    assert_eq!(&serde_json::from_str::<RelPath>(&json).unwrap(), path);
    let Some(parent) = path.parent() else { return assert!(path.is_root()) };
    assert_eq!(parent.join(&path.name().parse().unwrap()).as_ref(), Ok(path));
}

fn joins_and_strips(path: &RelPath, below: &RelPath) {
    let Ok(joined) = path.join(below) else { return };
    assert_eq!(joined.strip(path).as_ref(), Some(below));
    assert_eq!(joined.depth(), path.depth() + below.depth());
    stays_in_its_folder(&joined);
}

/// Walked as a file system would, one step at a time, it is never above the root.
fn leads_nowhere_else(at: &RelPath, target: &[u8], link: &LinkTarget) {
    let text = std::str::from_utf8(target).unwrap();
    let folder = at.parent().unwrap_or_default();
    for spelled in [text, link.as_str()] {
        let mut reached: Vec<&str> = folder.segments().collect();
        for step in spelled.split('/') {
            match step {
                "" | "." => {}
                ".." => assert!(reached.pop().is_some(), "{at} -> {spelled} climbs out"),
                name => reached.push(name),
            }
        }
        if let Some(resolved) = link.resolve(at) {
            assert_eq!(reached.join("/"), resolved.as_str(), "{at} -> {spelled}");
        }
    }
    assert!(!text.starts_with('/') && !link.as_str().starts_with('/'));
    assert_eq!(LinkTarget::parse(at, link.as_str().as_bytes()).as_ref(), Ok(link), "{at} -> {link}");
}

fn of_request(raw: &str) {
    let Ok(path) = SitePath::decode(raw) else { return };
    assert!(raw.starts_with('/'), "{raw:?}");
    let text = path.as_str();
    assert!(!text.starts_with('/') || !path.can_name_a_file() || raw.starts_with("//"), "{raw:?}");
    assert!(!text.contains(['\\', '\0', '\n', '\r']), "{raw:?}");
    assert!(text.split('/').all(|segment| segment != "." && segment != ".."), "{raw:?}");
    if !raw.contains('%') {
        assert_eq!(text, raw[1..].strip_suffix('/').unwrap_or(&raw[1..]), "nothing was decoded");
    }
}
