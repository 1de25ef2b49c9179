//! The output of a build, as its container hands it over: what would be published of it, whatever the build wrote.

use crate::archive::repaired;
use crate::input::Input;
use shipstack_storage::ObjectKey;
use shipstack_types::{ClaimNumber, DeploymentId, Manifest, ManifestEntry, OutputLimits, SiteRules};

const LIMITS: OutputLimits = OutputLimits { total_bytes: 128 * 1024, files: 32, file_bytes: 32 * 1024 };

/// A byte that tells whether checksums are made right, then the tar.
pub(crate) fn check(data: &[u8]) {
    let mut input = Input::new(data);
    let is_repaired = input.byte() % 2 == 1;
    let given = input.rest();
    let tar = if is_repaired { repaired(given) } else { given.to_vec() };
    let Ok(entries) = deploy_worker::outline(&tar, LIMITS) else { return };
    assert!(entries.len() as u64 <= LIMITS.files, "{} files", entries.len());
    entries.iter().for_each(can_be_published);
    let manifest = Manifest::new(entries.clone(), SiteRules::default());
    for entry in &entries {
        assert_eq!(manifest.find(entry.path.as_str()).map(|found| &found.path), Some(&entry.path));
    }
    assert_eq!(deploy_worker::outline(&tar, LIMITS).unwrap(), entries);
}

fn can_be_published(entry: &ManifestEntry) {
    let ManifestEntry { path, bytes, content_type, .. } = entry;
    assert!(!path.is_root() && *bytes <= LIMITS.file_bytes, "{path}");
    let is_hidden = |segment: &str| segment.starts_with('.') && segment != ".well-known";
    assert!(!path.segments().any(is_hidden), "{path}");
    let is_header = content_type.bytes().all(|byte| byte == b' ' || byte.is_ascii_graphic());
    assert!(is_header && content_type.contains('/'), "{path}: {content_type:?}");
    let id: DeploymentId = "abc".parse().unwrap();
    let key = ObjectKey::Artifact { id, claim: ClaimNumber::FIRST, path: path.clone() }.to_string();
    assert_eq!(key.strip_prefix("output/abc/dist/"), Some(path.as_str()), "it has a key of its own");
}
