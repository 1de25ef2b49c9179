//! A bucket of the Node system: loose artifacts under `output/<id>/dist/`, and no record of ours.

use shipstack_rules::Listing;
use shipstack_storage::{KeyPrefix, Store, StoreError};
use shipstack_types::{DeploymentId, RelPath};

/// Most files that are listed, as many as a deployment of ours may have. What comes after them is not served.
const MAX_FILES: usize = 100_000;

/// All files under the prefix. Names that are no relative path are left out: nothing could ask for them.
pub(crate) async fn list(store: &Store, id: &DeploymentId) -> Result<Listing, StoreError> {
    let prefix = KeyPrefix::LegacyDist(id.clone());
    let mut files: Vec<(RelPath, u64)> = Vec::new();
    let mut after: Option<String> = None;
    loop {
        let page = store.list(&prefix, after.as_deref()).await?;
        let listed = page.entries.into_iter();
        files.extend(listed.filter_map(|file| Some((file.path.parse().ok()?, file.bytes))));
        after = page.next;
        if after.is_none() || files.len() >= MAX_FILES {
            return Ok(Listing::new(files));
        }
    }
}
