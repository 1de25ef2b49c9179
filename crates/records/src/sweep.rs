//! What nobody will ever read again: objects of claims that did not win, snapshots that nobody acknowledged, and what was
//! stored after its deployment was deleted.
//!
//! Each is looked at only when it has rested for a day, for whoever may still write or read it has ended by then. Marks of
//! claims stay: a number is never given out twice. So does everything that the Node system may have put there.

use crate::objects::{Found, find_json};
use crate::reindex::LOCK_LEASE;
use crate::{Records, RecordsError};
use futures_util::TryStreamExt as _;
use shipstack_storage::{KeyPrefix, Listed, ObjectKey};
use shipstack_types::{ClaimNumber, DeploymentId, ResultRecord, SourceRequest, Timestamp};
use std::time::Duration;

/// Deployments looked at together. Nobody waits for it, and it begins with the process, beside what somebody waits for.
const AT_ONCE: usize = 4;
const LOCK: &str = "sweep";
/// How long everything is left alone.
const REST: Duration = Duration::from_hours(24);

impl Records {
    /// Removes from the store what nobody will read again, unless another process is at it. Answers how many objects that
    /// were.
    pub async fn sweep(&self) -> Result<u64, RecordsError> {
        if !self.state.try_lock(LOCK, &self.worker, LOCK_LEASE).await? {
            return Ok(0);
        }
        let swept = self
            .deployments(LOCK)
            .map_ok(|id| async move { self.sweep_one(&id).await })
            .try_buffer_unordered(AT_ONCE);
        let objects = swept.try_fold(0, |sum, objects| async move { Ok(sum + objects) }).await?;
        self.state.unlock(LOCK, &self.worker).await?;
        if objects > 0 {
            tracing::info!(objects, "removed from the store what nobody will read again");
        }
        Ok(objects)
    }

    async fn sweep_one(&self, id: &DeploymentId) -> Result<u64, RecordsError> {
        let found = match find_json::<ResultRecord>(&self.store, id, ObjectKey::Result(id.clone())).await {
            Err(error) if error.is_damage() => return Ok(0),
            found => found?,
        };
        match found {
            Found::Deleted => self.erase(id).await,
            Found::Record(Some(result)) if self.has_rested(result.ended_at) => {
                self.sweep_ended(&result).await
            }
            Found::Record(Some(_)) => Ok(0),
            Found::Record(None) => self.sweep_unborn(id).await,
        }
    }

    fn has_rested(&self, at: Timestamp) -> bool {
        self.now().since(at) > REST
    }

    /// Removes what claims of an ended deployment stored that did not win, and the logs that one left for the next.
    async fn sweep_ended(&self, result: &ResultRecord) -> Result<u64, RecordsError> {
        let id = &result.id;
        let published = result.published.as_ref().map(|published| published.claim);
        // Readers of a snapshot take the first where none is named.
        let source = result.source_claim.unwrap_or(ClaimNumber::FIRST);
        let mut objects = self.remove(&KeyPrefix::BuildClaims(id.clone()), lost_to(published)).await?;
        objects += self.remove(&KeyPrefix::IntakeClaims(id.clone()), lost_to(Some(source))).await?;
        if published != Some(ClaimNumber::FIRST) && self.built_first(id).await? {
            let first = ClaimNumber::FIRST;
            let artifacts = KeyPrefix::Artifacts { id: id.clone(), claim: first };
            objects += self.remove(&artifacts, |_| true).await?;
            objects += self.remove_one(&ObjectKey::Manifest { id: id.clone(), claim: first }).await?;
        }
        if source != ClaimNumber::FIRST {
            for key in snapshot_of_the_first(id) {
                objects += self.remove_one(&key).await?;
            }
        }
        Ok(objects)
    }

    /// Whether the objects under the short keys of a build are those of our first claim. The Node system has the same.
    async fn built_first(&self, id: &DeploymentId) -> Result<bool, RecordsError> {
        let mark = ObjectKey::BuildClaim { id: id.clone(), claim: ClaimNumber::FIRST };
        if self.store.exists(&mark).await?.is_none() {
            return Ok(false);
        }
        match self.known_birth(id).await {
            Err(error) if error.is_damage() => Ok(false),
            birth => Ok(birth?.is_some_and(|birth| birth.source != SourceRequest::Adopted)),
        }
    }

    /// Removes a snapshot without a birth: its client left before it was acknowledged. Where anything else stands beside it,
    /// it is not that.
    async fn sweep_unborn(&self, id: &DeploymentId) -> Result<u64, RecordsError> {
        let prefix = KeyPrefix::Deployment(id.clone());
        let page = self.store.list(&prefix, None).await?;
        let snapshot = snapshot_of_the_first(id).map(|key| key.to_string());
        let is_waste = |entry: &Listed| {
            snapshot.contains(&entry.key) && entry.stored_at.is_some_and(|at| self.has_rested(at))
        };
        if page.next.is_some() || !page.entries.iter().all(is_waste) {
            return Ok(0);
        }
        self.remove(&prefix, is_waste).await
    }

    async fn remove_one(&self, key: &ObjectKey) -> Result<u64, RecordsError> {
        let is_there = self.store.exists(key).await?.is_some();
        if is_there {
            self.store.delete(key).await?;
        }
        Ok(u64::from(is_there))
    }
}

fn snapshot_of_the_first(id: &DeploymentId) -> [ObjectKey; 2] {
    let claim = ClaimNumber::FIRST;
    [ObjectKey::Source { id: id.clone(), claim }, ObjectKey::SourceInfo { id: id.clone(), claim }]
}

/// Whether what stands beside the marks of claims (`2.json`) is in the folder of another one than the winner (`2/…`), or is
/// the log that any of them left for the next (`2.log.zst`). A source file of the Node system may have any other name.
fn lost_to(winner: Option<ClaimNumber>) -> impl Fn(&Listed) -> bool {
    move |entry| {
        let (number, winner) = match entry.path.split_once('/') {
            Some((folder, _)) => (folder, winner),
            None => (entry.path.strip_suffix(".log.zst").unwrap_or_default(), None),
        };
        let claim = number.parse().ok().and_then(ClaimNumber::new);
        claim.is_some() && claim != winner
    }
}
