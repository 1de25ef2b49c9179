//! How often a deployment was tried, and what was made from it.

use crate::objects::read_json;
use crate::{PublicUrl, Records, RecordsError};
use futures_util::{StreamExt, TryStreamExt, stream};
use shipstack_storage::{KeyPrefix, ObjectKey};
use shipstack_types::{BuildAttempt, Builds, ClaimMark, ClaimNumber, Deployment, DeploymentId};

/// Marks and views read at once.
const AT_ONCE: usize = 16;
/// Most redeploys that are shown; the newest ones.
const MOST_CHILDREN: usize = 100;
/// Most attempts that are shown; a job that is taken and given back for ever has more.
const MOST_ATTEMPTS: usize = 100;

impl Records {
    /// Every build claim of a deployment, oldest first, and the deployments made from it, newest first.
    pub async fn builds(&self, shown: &Deployment, urls: &PublicUrl) -> Result<Builds, RecordsError> {
        let id = &shown.id;
        let mut numbers = self.claims(id).await?;
        numbers.sort_unstable();
        numbers.drain(..numbers.len().saturating_sub(MOST_ATTEMPTS));
        let attempts = stream::iter(numbers).map(|claim| self.attempt(id, claim)).buffered(AT_ONCE);
        let attempts: Vec<Option<BuildAttempt>> = attempts.try_collect().await?;
        let children = self.state.children(id, MOST_CHILDREN).await?;
        let redeploys = self.views(children, urls).await?;
        Ok(Builds { attempts: attempts.into_iter().flatten().collect(), redeploys })
    }

    /// The views of these deployments, in their order, without those that nobody knows any more and those whose records
    /// cannot be read: one damaged object must not take the others with it. `verify` names it.
    pub(crate) async fn views(
        &self,
        ids: Vec<DeploymentId>,
        urls: &PublicUrl,
    ) -> Result<Vec<Deployment>, RecordsError> {
        let views = stream::iter(ids).map(|id| async move {
            match self.view(&id, urls).await {
                Err(error) if error.is_damage() => {
                    tracing::error!(deployment.id = %id, %error, "left out of the list: its records are damaged");
                    Ok(None)
                }
                view => view,
            }
        });
        let views: Vec<Option<Deployment>> = views.buffered(AT_ONCE).try_collect().await?;
        Ok(views.into_iter().flatten().collect())
    }

    async fn claims(&self, id: &DeploymentId) -> Result<Vec<ClaimNumber>, RecordsError> {
        let (mut numbers, mut after) = (Vec::new(), None::<String>);
        loop {
            let page = self.store.list(&KeyPrefix::BuildClaims(id.clone()), after.as_deref()).await?;
            let marks =
                page.entries.iter().filter_map(|entry| entry.path.strip_suffix(".json")?.parse().ok());
            numbers.extend(marks.filter_map(ClaimNumber::new));
            after = page.next;
            if after.is_none() {
                return Ok(numbers);
            }
        }
    }

    async fn attempt(
        &self,
        id: &DeploymentId,
        claim: ClaimNumber,
    ) -> Result<Option<BuildAttempt>, RecordsError> {
        let key = ObjectKey::BuildClaim { id: id.clone(), claim };
        let mark: Option<ClaimMark> = read_json(&self.store, &key).await?;
        Ok(mark.map(|mark| BuildAttempt {
            claim,
            attempt: mark.attempt,
            worker: mark.worker,
            started_at: mark.at,
        }))
    }
}
