//! Links inside the output: published as what they point to, refused when that is not inside the folder.

use super::{OutputError, OutputSummary};
use shipstack_types::{ManifestEntry, RelPath};
use std::collections::{BTreeMap, BTreeSet};

/// Links followed one after the other before a chain counts as a loop.
const MAX_HOPS: usize = 16;

/// A file that is published once more, under the name of a link.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct LinkedCopy {
    /// The name of the link, or below it when it leads to a folder.
    pub(crate) path: RelPath,
    /// The artifact that it is.
    pub(crate) of: ManifestEntry,
}

/// Where a link at `path` leads, from the output folder. Leaving the folder on the way is leaving it.
pub(super) fn target_of(path: &RelPath, target: &[u8]) -> Result<RelPath, OutputError> {
    let refuse = |why: &str| OutputError::Refused { what: format!("{path} is a link {why}") };
    let text = std::str::from_utf8(target).map_err(|_| refuse("with a target that is not UTF-8"))?;
    if text.is_empty() || text.starts_with('/') {
        return Err(refuse("that leaves the output folder"));
    }
    let folder = path.parent().unwrap_or_default();
    let mut segments: Vec<&str> = folder.segments().collect();
    for step in text.split('/') {
        match step {
            "" | "." => {}
            ".." => drop(segments.pop().ok_or_else(|| refuse("that leaves the output folder"))?),
            name => segments.push(name),
        }
    }
    let resolved = segments.join("/");
    resolved.parse().map_err(|_| refuse("with a target that cannot be published"))
}

/// All copies that the links of a folder ask for, at most `room` of them.
pub(crate) fn resolve_links(
    summary: &OutputSummary,
    entries: &[ManifestEntry],
    room: u64,
) -> Result<Vec<LinkedCopy>, OutputError> {
    let files: BTreeMap<&RelPath, &ManifestEntry> =
        entries.iter().map(|entry| (&entry.path, entry)).collect();
    let mut copies = Vec::new();
    for path in summary.links.keys() {
        let target = follow(path, &summary.links)?;
        if let Some(file) = files.get(&target) {
            copies.push(LinkedCopy { path: path.clone(), of: (*file).clone() });
        } else {
            copies.extend(below(path, &target, &files)?);
        }
        if copies.len() as u64 > room {
            return Err(OutputError::Refused {
                what: format!("{path} is a link to more files than may be published"),
            });
        }
    }
    Ok(copies)
}

/// Follows links, also in the middle of a path, to a path that has none.
fn follow(start: &RelPath, links: &BTreeMap<RelPath, RelPath>) -> Result<RelPath, OutputError> {
    let mut path = start.clone();
    let mut seen = BTreeSet::new();
    while let Some((link, rest)) = first_link(&path, links) {
        if !seen.insert(path.clone()) || seen.len() > MAX_HOPS {
            return Err(OutputError::Refused { what: format!("{start} is a link that leads nowhere") });
        }
        let target = links.get(&link).cloned().unwrap_or_default();
        path = target.join(&rest).map_err(|why| OutputError::Refused { what: format!("{start}: {why}") })?;
    }
    Ok(path)
}

fn first_link(path: &RelPath, links: &BTreeMap<RelPath, RelPath>) -> Option<(RelPath, RelPath)> {
    let mut above: Vec<RelPath> = std::iter::successors(Some(path.clone()), RelPath::parent).collect();
    above.reverse();
    let link = above.into_iter().find(|prefix| links.contains_key(prefix))?;
    let rest = path.strip(&link)?;
    Some((link, rest))
}

/// The files below the folder that a link leads to, under the link's name. A link to a folder around itself would
/// never end.
fn below(
    link: &RelPath,
    target: &RelPath,
    files: &BTreeMap<&RelPath, &ManifestEntry>,
) -> Result<Vec<LinkedCopy>, OutputError> {
    let refuse = |why: &str| OutputError::Refused { what: format!("{link} is a link {why}") };
    if link.strip(target).is_some() {
        return Err(refuse("to a folder that it lies in"));
    }
    let inside = files.iter().filter_map(|(path, file)| Some((path.strip(target)?, *file)));
    let copies: Result<Vec<_>, _> = inside
        .map(|(rest, file)| link.join(&rest).map(|path| LinkedCopy { path, of: file.clone() }))
        .collect();
    let copies = copies.map_err(|_| refuse("to names that would be too long"))?;
    if copies.is_empty() { Err(refuse("that leads nowhere")) } else { Ok(copies) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use shipstack_types::Sha256Digest;

    fn path(text: &str) -> RelPath {
        text.parse().unwrap()
    }

    fn resolve(links: &[(&str, &str)], files: &[&str]) -> Result<Vec<String>, OutputError> {
        let links = links.iter().map(|(link, target)| (path(link), path(target))).collect();
        let entry = |name: &&str| ManifestEntry {
            path: path(name),
            bytes: 1,
            sha256: Sha256Digest::of(name.as_bytes()),
            content_type: String::new(),
        };
        let entries: Vec<_> = files.iter().map(entry).collect();
        let summary = OutputSummary { links, ..OutputSummary::default() };
        let copies = resolve_links(&summary, &entries, 100)?;
        Ok(copies.into_iter().map(|copy| format!("{}={}", copy.path, copy.of.path)).collect())
    }

    #[test]
    fn a_link_is_published_as_what_it_points_to() {
        assert_eq!(resolve(&[("b", "a")], &["a"]).unwrap(), ["b=a"]);
        assert_eq!(resolve(&[("c", "b"), ("b", "a")], &["a"]).unwrap(), ["b=a", "c=a"]);
        assert_eq!(
            resolve(&[("new", "old")], &["old/x", "old/y/z"]).unwrap(),
            ["new/x=old/x", "new/y/z=old/y/z"]
        );
        assert_eq!(resolve(&[("d", "old"), ("f", "d/x")], &["old/x"]).unwrap(), ["d/x=old/x", "f=old/x"]);
    }

    #[test]
    fn a_link_that_leads_nowhere_is_named() {
        for (links, files) in [
            (&[("a", "a")][..], &["x"][..]),
            (&[("a", "b"), ("b", "a")], &["x"]),
            (&[("a", "gone")], &["x"]),
            (&[("sub/loop", "sub")], &["sub/x"]),
            (&[("loop", "")], &["x"]),
        ] {
            let refusal = resolve(links, files).unwrap_err().to_string();
            assert!(refusal.contains("is a link"), "{links:?}: {refusal}");
        }
    }

    #[test]
    fn a_target_is_seen_from_the_link_and_stays_inside() {
        assert_eq!(target_of(&path("a/b"), b"../c").unwrap(), path("c"));
        assert_eq!(target_of(&path("a/b"), b"./c/../d").unwrap(), path("a/d"));
        for bad in [&b"../../c"[..], b"/etc", b"", b"\xff", b"../../dist/a"] {
            assert!(target_of(&path("a/b"), bad).is_err());
        }
    }
}
