//! Removing a deployment for good.

use crate::objects::write_json;
use crate::{Records, RecordsError};
use futures_util::{StreamExt, TryStreamExt, stream};
use shipstack_state::RestoredJob;
use shipstack_storage::{KeyPrefix, Listed, ObjectKey, StoreError};
use shipstack_types::{DeletedMark, DeploymentId, DeploymentState};

/// Objects removed at once: enough to hide the store's latency.
const AT_ONCE: usize = 16;

impl Records {
    /// Deletes a deployment that has ended: the mark first, which makes it unknown to everyone and stays for ever;
    /// then the state forgets it and its objects are removed. What is left after a crash is removed by a repeat, or by the
    /// next sweep or reindex. On a full disk the mark has no room before its files are gone. `false` when it has not ended.
    pub async fn delete(&self, id: &DeploymentId) -> Result<bool, RecordsError> {
        let word = self.state.status(id).await?;
        if word.is_some_and(|word| !word.is_terminal()) {
            return Ok(false);
        }
        let key = ObjectKey::Deleted(id.clone());
        if self.store.exists(&key).await?.is_none() {
            self.write_mark(id, &key).await?;
        }
        self.erase(id).await?;
        tracing::info!(deployment.id = %id, "deployment deleted");
        Ok(true)
    }

    async fn write_mark(&self, id: &DeploymentId, key: &ObjectKey) -> Result<(), RecordsError> {
        let mark = DeletedMark { at: self.now() };
        let written = write_json(&self.store, key, &mark).await;
        if !matches!(written, Err(RecordsError::Store(StoreError::DiskFull { .. }))) {
            return written;
        }
        // What says that there is such a deployment stays, so that a crash here leaves one that can be deleted again.
        self.remove_all_but(id, &[ObjectKey::Birth(id.clone()), ObjectKey::Result(id.clone())]).await?;
        write_json(&self.store, key, &mark).await
    }

    /// Whether it was deleted.
    pub async fn is_deleted(&self, id: &DeploymentId) -> Result<bool, RecordsError> {
        let mark = ObjectKey::Deleted(id.clone());
        Ok(Box::pin(self.store.exists(&mark)).await?.is_some())
    }

    /// Forgets a deployment whose mark of deletion is written, and removes everything of it but the mark. Answers how many
    /// objects that were.
    pub(crate) async fn erase(&self, id: &DeploymentId) -> Result<u64, RecordsError> {
        self.state.forget(id).await?;
        self.remove_all_but(id, &[ObjectKey::Deleted(id.clone())]).await
    }

    /// Ends a job whose deployment was deleted, however it stands, so that nobody knows it again.
    pub(crate) async fn end_deleted(&self, id: &DeploymentId) -> Result<(), RecordsError> {
        self.state.restore(&RestoredJob::ended(id.clone(), DeploymentState::Failed, self.now())).await?;
        self.erase(id).await.map(drop)
    }

    async fn remove_all_but(&self, id: &DeploymentId, kept: &[ObjectKey]) -> Result<u64, RecordsError> {
        let kept: Vec<String> = kept.iter().map(ToString::to_string).collect();
        self.remove(&KeyPrefix::Deployment(id.clone()), |entry| !kept.contains(&entry.key)).await
    }

    /// Removes what is under a prefix and is waste. Answers how many objects that were.
    pub(crate) async fn remove(
        &self,
        prefix: &KeyPrefix,
        is_waste: impl Fn(&Listed) -> bool,
    ) -> Result<u64, RecordsError> {
        let (mut count, mut after) = (0, None::<String>);
        loop {
            let page = self.store.list(prefix, after.as_deref()).await?;
            let waste: Vec<Listed> = page.entries.into_iter().filter(&is_waste).collect();
            count += waste.len() as u64;
            stream::iter(waste)
                .map(|entry| async move { self.store.delete_listed(&entry).await })
                .buffer_unordered(AT_ONCE)
                .try_collect::<()>()
                .await?;
            after = page.next;
            if after.is_none() {
                return Ok(count);
            }
        }
    }
}
