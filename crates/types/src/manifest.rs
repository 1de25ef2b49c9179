//! What a deployment serves: the manifest, its one root digest, the compiled rules.

use crate::{RelPath, Sha256Digest};
use serde::{Deserialize, Serialize};

/// One artifact.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase")]
pub struct ManifestEntry {
    /// The path in the site.
    pub path: RelPath,
    /// Size in bytes.
    pub bytes: u64,
    /// Digest of the bytes.
    pub sha256: Sha256Digest,
    /// The content type that visitors get.
    pub content_type: String,
}

/// When a missing path gets the site's own page (serving.md §1, step 8).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "lowercase")]
pub enum SpaMode {
    /// On a navigation to what does not look like a built asset, unless a `404.html` is there.
    #[default]
    Auto,
    /// Even when a `404.html` is there.
    On,
    /// Never.
    Off,
}

/// The rules frozen into a manifest at publish time.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase")]
pub struct SiteRules {
    /// Single-page fallback.
    pub spa: SpaMode,
    /// Whether `/x` serves `x.html` and `x.html` redirects there.
    pub clean_urls: bool,
}

impl Default for SiteRules {
    fn default() -> Self {
        Self { spa: SpaMode::Auto, clean_urls: true }
    }
}

/// Everything a deployment serves, sorted by path. A path is visible only through the manifest that the result names.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase")]
pub struct Manifest {
    /// Digest over all entries: equal sites have equal roots.
    pub root: Sha256Digest,
    /// The rules.
    pub rules: SiteRules,
    /// The artifacts, sorted by path, each once.
    pub entries: Vec<ManifestEntry>,
}

impl Manifest {
    /// Sorts the entries and computes the root digest. Of two entries with the same path the later one counts.
    #[must_use]
    pub fn new(entries: Vec<ManifestEntry>, rules: SiteRules) -> Self {
        let sorted: std::collections::BTreeMap<_, _> =
            entries.into_iter().map(|entry| (entry.path.clone(), entry)).collect();
        let entries: Vec<_> = sorted.into_values().collect();
        // A path has no newline, so no two lists of entries give the same text.
        let line = |e: &ManifestEntry| format!("{}\t{}\t{}\t{}\n", e.sha256, e.bytes, e.content_type, e.path);
        let rules_line = format!("{:?}\t{}", rules.spa, rules.clean_urls);
        let text: String = entries.iter().map(line).chain([rules_line]).collect();
        Self { root: Sha256Digest::of(text.as_bytes()), rules, entries }
    }

    /// The artifact at a path.
    #[must_use]
    pub fn find(&self, path: &str) -> Option<&ManifestEntry> {
        let place = self.entries.binary_search_by(|entry| entry.path.as_str().cmp(path)).ok()?;
        self.entries.get(place)
    }

    /// All bytes together; a stored manifest may state any figures, so the sum stops at the largest.
    #[must_use]
    pub fn total_bytes(&self) -> u64 {
        self.entries.iter().fold(0, |sum, entry| sum.saturating_add(entry.bytes))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn entry(path: &str, content: &[u8]) -> ManifestEntry {
        ManifestEntry {
            path: path.parse().unwrap(),
            bytes: content.len() as u64,
            sha256: Sha256Digest::of(content),
            content_type: "text/plain".into(),
        }
    }

    #[test]
    fn figures_that_no_store_holds_are_no_overflow() {
        let huge = |path| ManifestEntry { bytes: u64::MAX, ..entry(path, b"") };
        let manifest = Manifest::new(vec![huge("a"), huge("b")], SiteRules::default());
        assert_eq!(manifest.total_bytes(), u64::MAX);
    }

    #[test]
    fn equal_sites_have_equal_roots_in_any_order() {
        let one = Manifest::new(vec![entry("b", b"2"), entry("a", b"1")], SiteRules::default());
        let two = Manifest::new(vec![entry("a", b"1"), entry("b", b"2")], SiteRules::default());
        let other = Manifest::new(vec![entry("a", b"1"), entry("b", b"3")], SiteRules::default());
        assert_eq!(one, two);
        assert_ne!(one.root, other.root);
        assert_eq!(one.find("b").unwrap().bytes, 1);
        assert_eq!(one.find("c"), None);
    }
}
