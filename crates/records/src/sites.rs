//! What a visitor's host leads to, from the store alone (design §5): request-service needs neither Redis nor workers.

use crate::RecordsError;
use crate::objects::read_json;
use shipstack_storage::{KeyPrefix, ObjectKey, Store};
use shipstack_types::{DeploymentId, DeploymentState, Manifest, ResultRecord};

/// What there is to serve for an id.
#[derive(Clone, Debug)]
pub enum Site {
    /// A deployed site, with the result that names its manifest.
    Ready(Box<ResultRecord>, Manifest),
    /// A bucket of the Node system: only loose artifacts under `output/<id>/dist/`, without any record of ours.
    Legacy,
    /// Acknowledged, not ended yet.
    Building,
    /// Ended without a site: `failed` or `cancelled`.
    Ended(DeploymentState),
    /// Nobody knows this id, or it was deleted.
    Unknown,
}

impl Site {
    /// Looks an id up. A result is final, so [`Site::Ready`] may be cached for ever; the others may change.
    pub async fn find(store: &Store, id: &DeploymentId) -> Result<Self, RecordsError> {
        if store.exists(&ObjectKey::Deleted(id.clone())).await?.is_some() {
            return Ok(Self::Unknown);
        }
        let result: Option<ResultRecord> = read_json(store, &ObjectKey::Result(id.clone())).await?;
        if let Some(result) = result {
            return Self::ended(store, result).await;
        }
        if store.exists(&ObjectKey::Birth(id.clone())).await?.is_some() {
            return Ok(Self::Building);
        }
        let loose = store.list(&KeyPrefix::LegacyDist(id.clone()), None).await?;
        Ok(if loose.entries.is_empty() { Self::Unknown } else { Self::Legacy })
    }

    async fn ended(store: &Store, result: ResultRecord) -> Result<Self, RecordsError> {
        let Some(published) = result.published.as_ref().filter(|_| result.state == DeploymentState::Deployed)
        else {
            return Ok(Self::Ended(result.state));
        };
        let key = ObjectKey::Manifest { id: result.id.clone(), claim: published.claim };
        // A result is written after its manifest, so a missing one is the store's loss and never "unknown".
        let manifest = read_json(store, &key).await?;
        let manifest = manifest.ok_or_else(|| RecordsError::Missing { key: key.to_string() })?;
        Ok(Self::Ready(Box::new(result), manifest))
    }
}
