//! A new deployment from the snapshot of an earlier one.

use crate::accept::group_of;
use crate::objects::{find_json, read_json};
use crate::{NewDeployment, Records, RecordsError};
use futures_util::{StreamExt, TryStreamExt, stream};
use shipstack_storage::{KeyPrefix, ListPage, ObjectKey};
use shipstack_types::{Birth, ClaimNumber, DeploymentId, RelPath, ResultRecord};

/// Loose files copied at once: enough to hide the store's latency.
const AT_ONCE: usize = 16;

/// What became of a redeploy.
#[derive(Debug)]
pub enum Redeployed {
    /// The new deployment is recorded and queued.
    Accepted(Box<Birth>),
    /// Nobody knows the earlier one, or it was deleted.
    Unknown,
    /// The earlier one has no source yet, or never got one.
    NoSource,
}

impl Records {
    /// Copies the source of `parent`, where the store is, under the new id; then the new birth is recorded and its
    /// build queued. What was asked of the build stays as it was.
    pub async fn redeploy(
        &self,
        parent: &DeploymentId,
        new: NewDeployment,
    ) -> Result<Redeployed, RecordsError> {
        let Some(born) = self.known_birth(parent).await? else { return Ok(Redeployed::Unknown) };
        if !self.copy_source(parent, &new.id).await? {
            return Ok(Redeployed::NoSource);
        }
        let birth = Birth {
            group: group_of(&born.source, &new.id),
            parent: Some(parent.clone()),
            build: born.build,
            ..self.birth(new, born.source)
        };
        self.record(&birth).await?;
        self.state.add_child(parent, &birth.id, birth.created_at).await?;
        self.state.queue_build(&birth.id, &birth.group, ClaimNumber::FIRST).await?;
        Ok(Redeployed::Accepted(Box::new(birth)))
    }

    /// The birth of a deployment that was not deleted.
    pub(crate) async fn known_birth(&self, id: &DeploymentId) -> Result<Option<Birth>, RecordsError> {
        Ok(find_json(&self.store, id, ObjectKey::Birth(id.clone())).await?.record())
    }

    async fn copy_source(&self, from: &DeploymentId, to: &DeploymentId) -> Result<bool, RecordsError> {
        let claim = self.source_claim(from).await?.unwrap_or(ClaimNumber::FIRST);
        let Some(info) = self.source_info(from, claim).await? else { return self.copy_loose(from, to).await };
        let key = |id: &DeploymentId, claim| ObjectKey::Source { id: id.clone(), claim };
        if !self.store.copy(&key(from, claim), &key(to, ClaimNumber::FIRST)).await? {
            return Ok(false);
        }
        let info_key = ObjectKey::SourceInfo { id: to.clone(), claim: ClaimNumber::FIRST };
        self.write_record(&info_key, &info).await?;
        Ok(true)
    }

    /// The intake claim whose snapshot counts, as the result or the state knows it.
    pub(crate) async fn source_claim(&self, id: &DeploymentId) -> Result<Option<ClaimNumber>, RecordsError> {
        let result: Option<ResultRecord> = read_json(&self.store, &ObjectKey::Result(id.clone())).await?;
        match result {
            Some(result) => Ok(result.source_claim),
            None => Ok(self.state.job(id).await?.and_then(|job| job.source_claim)),
        }
    }

    /// Copies loose source files (the Node system's layout); `false` when there are none.
    async fn copy_loose(&self, from: &DeploymentId, to: &DeploymentId) -> Result<bool, RecordsError> {
        let prefix = KeyPrefix::Loose(from.clone());
        let (mut after, mut any): (Option<String>, bool) = (None, false);
        loop {
            let page = self.store.list(&prefix, after.as_deref()).await?;
            let paths = loose_paths(&page);
            any |= !paths.is_empty();
            stream::iter(paths)
                .map(|path| async move { self.copy_loose_file((from, to), path).await })
                .buffer_unordered(AT_ONCE)
                .try_collect::<()>()
                .await?;
            after = page.next;
            if after.is_none() {
                return Ok(any);
            }
        }
    }

    async fn copy_loose_file(
        &self,
        (from, to): (&DeploymentId, &DeploymentId),
        path: RelPath,
    ) -> Result<(), RecordsError> {
        let key = |id: &DeploymentId| ObjectKey::Loose { id: id.clone(), path: path.clone() };
        self.store.copy(&key(from), &key(to)).await?;
        Ok(())
    }
}

fn loose_paths(page: &ListPage) -> Vec<RelPath> {
    let paths = page.entries.iter().filter_map(|entry| entry.path.parse::<RelPath>().ok());
    paths.filter(|path| !ObjectKey::is_reserved(path)).collect()
}
