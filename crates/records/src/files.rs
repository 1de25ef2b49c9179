//! What a deployment published, for those who may read it through the API.

use crate::objects::{find_json, read_json};
use crate::{Records, RecordsError};
use shipstack_storage::{Object, ObjectKey};
use shipstack_types::{ClaimNumber, DeploymentId, DeploymentState, Manifest, ManifestEntry, ResultRecord};

/// The published files of a deployment.
pub struct PublishedFiles {
    id: DeploymentId,
    claim: ClaimNumber,
    /// What there is.
    pub manifest: Manifest,
}

impl Records {
    /// The files of a deployed deployment; `None` for any other one.
    pub async fn files(&self, id: &DeploymentId) -> Result<Option<PublishedFiles>, RecordsError> {
        let result = find_json::<ResultRecord>(&self.store, id, ObjectKey::Result(id.clone())).await?;
        let deployed = result.record().filter(|result| result.state == DeploymentState::Deployed);
        let Some(published) = deployed.and_then(|result| result.published) else { return Ok(None) };
        let key = ObjectKey::Manifest { id: id.clone(), claim: published.claim };
        let manifest = read_json(&self.store, &key).await?;
        let manifest = manifest.ok_or_else(|| RecordsError::Missing { key: key.to_string() })?;
        Ok(Some(PublishedFiles { id: id.clone(), claim: published.claim, manifest }))
    }

    /// Opens one of them. Its length is that of the manifest, or it is not opened at all.
    pub async fn open_file(
        &self,
        files: &PublishedFiles,
        entry: &ManifestEntry,
    ) -> Result<Object, RecordsError> {
        let (id, path) = (files.id.clone(), entry.path.clone());
        let key = ObjectKey::Artifact { id, claim: files.claim, path };
        let object = self.store.get(&key).await?;
        let object = object.filter(|object| object.length == entry.bytes);
        object.ok_or_else(|| RecordsError::Missing { key: key.to_string() })
    }
}
