//! Removing a deployment for good.

use crate::objects::write_json;
use crate::{Records, RecordsError};
use futures_util::{StreamExt, TryStreamExt, stream};
use shipstack_storage::{KeyPrefix, ObjectKey};
use shipstack_types::{DeletedMark, DeploymentId};

/// Objects removed at once: enough to hide the store's latency.
const AT_ONCE: usize = 16;

impl Records {
    /// Deletes a deployment that has ended: the mark first, which makes it unknown to everyone and stays for ever;
    /// then the state forgets it and its objects are removed. What is left after a crash is removed by a repeat, or
    /// by the next reindex. `false` when it has not ended.
    pub async fn delete(&self, id: &DeploymentId) -> Result<bool, RecordsError> {
        let word = self.state.status(id).await?;
        if word.is_some_and(|word| !word.is_terminal()) {
            return Ok(false);
        }
        let key = ObjectKey::Deleted(id.clone());
        if self.store.exists(&key).await?.is_none() {
            write_json(&self.store, &key, &DeletedMark { at: self.now() }).await?;
        }
        self.erase(id).await?;
        tracing::info!(deployment.id = %id, "deployment deleted");
        Ok(true)
    }

    /// Whether it was deleted.
    pub async fn is_deleted(&self, id: &DeploymentId) -> Result<bool, RecordsError> {
        let mark = ObjectKey::Deleted(id.clone());
        Ok(Box::pin(self.store.exists(&mark)).await?.is_some())
    }

    /// Forgets a deployment whose mark of deletion is written, and removes everything of it but the mark.
    pub(crate) async fn erase(&self, id: &DeploymentId) -> Result<(), RecordsError> {
        self.state.forget(id).await?;
        let mark = ObjectKey::Deleted(id.clone()).to_string();
        let prefix = KeyPrefix::Deployment(id.clone());
        let mut after: Option<String> = None;
        loop {
            let page = self.store.list(&prefix, after.as_deref()).await?;
            let left = page.entries.into_iter().filter(|entry| entry.key != mark);
            stream::iter(left)
                .map(|entry| async move { self.store.delete_listed(&entry).await })
                .buffer_unordered(AT_ONCE)
                .try_collect::<()>()
                .await?;
            after = page.next;
            if after.is_none() {
                return Ok(());
            }
        }
    }
}
