//! The files of a deployment, as far as an answer depends on them.

use crate::content_type::content_type;
use shipstack_types::{Manifest, ManifestEntry, RelPath, Sha256Digest};
use std::collections::BTreeMap;

/// One file that can be served.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct File<'a> {
    /// Its path in the site.
    pub path: &'a RelPath,
    /// Its size in bytes.
    pub bytes: u64,
    /// The digest of its bytes; `None` in a bucket of the Node system, which has none.
    pub sha256: Option<Sha256Digest>,
    /// Its content type.
    pub content_type: &'a str,
}

/// Where files are looked up by their exact path.
pub trait Files {
    /// The file at this path, without a leading slash.
    fn file(&self, path: &str) -> Option<File<'_>>;
}

impl Files for Manifest {
    fn file(&self, path: &str) -> Option<File<'_>> {
        self.find(path).map(|ManifestEntry { path, bytes, sha256, content_type }| File {
            path,
            bytes: *bytes,
            sha256: Some(*sha256),
            content_type,
        })
    }
}

/// The files under a bare prefix of the Node system, which wrote no manifest: names and sizes from the store, types from
/// the names.
#[derive(Clone, Debug, Default)]
pub struct Listing {
    files: BTreeMap<String, Listed>,
}

#[derive(Clone, Debug)]
struct Listed {
    path: RelPath,
    bytes: u64,
    content_type: String,
}

impl Listing {
    /// A listing of paths and sizes in bytes.
    pub fn new(files: impl IntoIterator<Item = (RelPath, u64)>) -> Self {
        let listed = |(path, bytes): (RelPath, u64)| {
            let content_type = content_type(path.as_str()).into_owned();
            (path.as_str().to_owned(), Listed { path, bytes, content_type })
        };
        Self { files: files.into_iter().map(listed).collect() }
    }

    /// How many files there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.files.len()
    }

    /// Whether there is no file.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.files.is_empty()
    }
}

impl Files for Listing {
    fn file(&self, path: &str) -> Option<File<'_>> {
        let Listed { path, bytes, content_type } = self.files.get(path)?;
        Some(File { path, bytes: *bytes, sha256: None, content_type })
    }
}
