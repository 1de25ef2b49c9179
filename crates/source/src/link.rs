//! Links of a source tree: relative, inside the tree, never in a circle.
//!
//! A target may go up only at its front. The folders above a link are real folders (nothing may lie under a link), so
//! counting those steps is exact, and what follows can only go down or through another link that obeys the same rule.
//! So no link leaves the tree, and nobody ever has to follow one to know. What it is not: a reader of links on disk.

use shipstack_types::RelPath;
use std::fmt;

/// Longest chain of links that is followed; Linux stops at the same number.
const MAX_HOPS: usize = 40;

/// The target of a link, checked against the place where the link stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LinkTarget {
    text: String,
    up: usize,
    below: RelPath,
}

/// Why a link is not safe.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum UnsafeLink {
    /// It points to an absolute path.
    #[error("a link to an absolute path")]
    Absolute,
    /// It climbs out of the tree.
    #[error("a link that leaves the source")]
    Escapes,
    /// Its target is empty, not UTF-8, too long, or goes up again after it went down.
    #[error("a link whose target is not plain")]
    NotPlain,
    /// It leads back to itself, or through more than 40 others.
    #[error("a link in a circle or a long chain")]
    Circle,
}

impl LinkTarget {
    /// Checks the raw target of a link that stands at `at`.
    pub fn parse(at: &RelPath, raw: &[u8]) -> Result<Self, UnsafeLink> {
        let text = std::str::from_utf8(raw).map_err(|_| UnsafeLink::NotPlain)?;
        if text.starts_with('/') {
            return Err(UnsafeLink::Absolute);
        }
        let mut segments = text.split('/').filter(|segment| !matches!(*segment, "" | ".")).peekable();
        let mut up = 0;
        while segments.next_if_eq(&"..").is_some() {
            up += 1;
        }
        let below: RelPath =
            segments.collect::<Vec<_>>().join("/").parse().map_err(|_| UnsafeLink::NotPlain)?;
        if up >= at.depth().max(1) {
            return Err(UnsafeLink::Escapes);
        }
        if up == 0 && below.is_root() {
            return Err(UnsafeLink::NotPlain);
        }
        Ok(Self { text: canonical(up, &below), up, below })
    }

    /// The target as it is written into the snapshot: `../` steps, then plain segments.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// The path in the tree that a link at `at` names, before any further link on the way.
    #[must_use]
    pub fn resolve(&self, at: &RelPath) -> Option<RelPath> {
        let mut folder = at.parent()?;
        for _ in 0..self.up {
            folder = folder.parent()?;
        }
        folder.join(&self.below).ok()
    }
}

fn canonical(up: usize, below: &RelPath) -> String {
    let steps = "../".repeat(up);
    format!("{steps}{below}").trim_end_matches('/').to_owned()
}

impl fmt::Display for LinkTarget {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

/// Where a path ends up once every link on its way is followed. `link_at` tells the link at a path, if one is there.
pub(crate) fn follow<'a>(
    path: &RelPath,
    link_at: impl Fn(&RelPath) -> Option<&'a LinkTarget>,
) -> Result<RelPath, UnsafeLink> {
    let mut reached = RelPath::root();
    let mut ahead: Vec<String> = path.segments().rev().map(str::to_owned).collect();
    let mut hops = 0;
    while let Some(segment) = ahead.pop() {
        let next =
            segment.parse().and_then(|segment| reached.join(&segment)).map_err(|_| UnsafeLink::NotPlain)?;
        let Some(target) = link_at(&next) else {
            reached = next;
            continue;
        };
        hops += 1;
        if hops > MAX_HOPS {
            return Err(UnsafeLink::Circle);
        }
        let landed = target.resolve(&next).ok_or(UnsafeLink::Escapes)?;
        ahead.extend(landed.segments().rev().map(str::to_owned));
        reached = RelPath::root();
    }
    Ok(reached)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeMap;

    fn path(text: &str) -> RelPath {
        text.parse().unwrap()
    }

    #[test]
    fn a_link_that_could_leave_the_tree_is_refused() {
        for (at, target, why) in [
            ("l", "/srv/out", UnsafeLink::Absolute),
            ("l", "..", UnsafeLink::Escapes),
            ("l", "../..", UnsafeLink::Escapes),
            ("a/l", "../../x", UnsafeLink::Escapes),
            ("a/l", "./../../x", UnsafeLink::Escapes),
            ("a/b/l", "x/../../../y", UnsafeLink::NotPlain),
            ("l", "", UnsafeLink::NotPlain),
            ("l", ".", UnsafeLink::NotPlain),
            ("l", "a\nb", UnsafeLink::NotPlain),
        ] {
            assert_eq!(LinkTarget::parse(&path(at), target.as_bytes()), Err(why), "{at} -> {target}");
        }
        assert_eq!(LinkTarget::parse(&path("l"), b"\xff"), Err(UnsafeLink::NotPlain));
    }

    #[test]
    fn a_link_inside_the_tree_keeps_its_meaning() {
        for (at, target, written, names) in [
            ("b", "a", "a", "a"),
            ("a/l", "../x", "../x", "x"),
            ("a/b/l", ".././/c/", "../c", "a/c"),
            ("a/l", "..", "..", ""),
        ] {
            let link = LinkTarget::parse(&path(at), target.as_bytes()).unwrap();
            assert_eq!(link.as_str(), written);
            assert_eq!(link.resolve(&path(at)).unwrap().as_str(), names, "{at} -> {target}");
        }
    }

    #[test]
    fn links_are_followed_through_folders_and_stopped_in_circles() {
        let links: BTreeMap<RelPath, LinkTarget> =
            [("a", "b"), ("b/c", "../d"), ("x", "y"), ("y", "x"), ("s", "s")]
                .into_iter()
                .map(|(at, to)| (path(at), LinkTarget::parse(&path(at), to.as_bytes()).unwrap()))
                .collect();
        let follow = |from: &str| follow(&path(from), |at| links.get(at));
        assert_eq!(follow("a/c/e").unwrap().as_str(), "d/e");
        assert_eq!(follow("plain").unwrap().as_str(), "plain");
        assert_eq!(follow("x"), Err(UnsafeLink::Circle));
        assert_eq!(follow("s/t"), Err(UnsafeLink::Circle));
    }
}
