//! The index from the store: how the in-process state starts, and how a Redis that was lost comes back.
//!
//! May run at any time beside everything else: what the state already knows stays as it is.

use crate::objects::{Found, find_json, read_json};
use crate::{Records, RecordsError};
use futures_util::{Stream, TryStreamExt, stream};
use shipstack_state::{Restored, RestoredJob};
use shipstack_storage::{KeyPrefix, ObjectKey};
use shipstack_types::{
    Birth, ClaimMark, ClaimNumber, DeploymentId, QueueName, ResultRecord, SourceRequest, Timestamp,
};
use std::time::Duration;

/// Deployments looked at together: enough to hide the store's latency, few enough not to starve serving.
const AT_ONCE: usize = 32;
/// The lock's lease; renewed with every page.
pub(crate) const LOCK_LEASE: Duration = Duration::from_secs(30);
const LOCK: &str = "reindex";
/// The same for looks at what was never queued.
const UNQUEUED_LOCK: &str = "unqueued";
/// Between its record and its place in the queue a deployment has calls of the state alone, which end sooner.
const BEING_ACCEPTED: Duration = Duration::from_mins(1);

/// The newest claim of one queue.
#[derive(Clone, Copy, Default)]
pub(crate) struct Newest {
    pub(crate) number: u32,
    pub(crate) attempt: u32,
    pub(crate) at: Option<Timestamp>,
}

impl Records {
    /// Reindexes when the index is not complete and nobody else is at it. Answers whether it is complete now.
    pub async fn ensure_index(&self) -> Result<bool, RecordsError> {
        if self.state.index_complete().await? {
            return Ok(true);
        }
        if !self.state.try_lock(LOCK, &self.worker, LOCK_LEASE).await? {
            return Ok(false);
        }
        let count = self.reindex().await?;
        tracing::info!(count, "the index was rebuilt from the store");
        Ok(true)
    }

    /// Restores every deployment of the store and marks the index complete. Answers how many there are. Nobody else begins
    /// one meanwhile; who has begun goes on.
    pub async fn reindex(&self) -> Result<u64, RecordsError> {
        let run = self.state.index_run().await?;
        let restored = self
            .deployments(LOCK)
            .map_ok(|id| async move { self.restore_what_can_be_read(&id).await })
            .try_buffer_unordered(AT_ONCE);
        let count = restored.try_fold(0, |count, ()| async move { Ok(count + 1) }).await?;
        self.state.mark_index_complete(&run).await?;
        self.state.unlock(LOCK, &self.worker).await?;
        Ok(count)
    }

    /// Restores what was recorded and is unknown to the state although the index is complete: whoever accepted it died or was
    /// refused by the state in between, and nobody repeated the request. Answers how many there were.
    pub async fn restore_unqueued(&self) -> Result<u64, RecordsError> {
        let is_indexed = self.state.index_complete().await?;
        if !is_indexed || !self.state.try_lock(UNQUEUED_LOCK, &self.worker, LOCK_LEASE).await? {
            return Ok(0);
        }
        let restored = self
            .deployments(UNQUEUED_LOCK)
            .map_ok(|id| async move { self.restore_if_unqueued(&id).await })
            .try_buffer_unordered(AT_ONCE);
        let count = restored.try_fold(0, |count, was| async move { Ok(count + u64::from(was)) }).await?;
        self.state.unlock(UNQUEUED_LOCK, &self.worker).await?;
        Ok(count)
    }

    async fn restore_if_unqueued(&self, id: &DeploymentId) -> Result<bool, RecordsError> {
        if self.state.status(id).await?.is_some() {
            return Ok(false);
        }
        let birth = match self.stored_birth(id).await {
            Err(error) if error.is_damage() => None,
            birth => birth?,
        };
        let is_settled = |birth: &Birth| self.now().since(birth.created_at) > BEING_ACCEPTED;
        if !birth.as_ref().is_some_and(is_settled) {
            return Ok(false);
        }
        tracing::warn!(deployment.id = %id, "it was recorded and never queued");
        self.restore_what_can_be_read(id).await?;
        Ok(true)
    }

    /// Every deployment of the store. The lock is taken or renewed with every page, and the next page is listed while the
    /// last one is restored.
    pub(crate) fn deployments(
        &self,
        lock: &'static str,
    ) -> impl Stream<Item = Result<DeploymentId, RecordsError>> {
        let pages = stream::try_unfold(Some(None), move |page: Option<Option<String>>| async move {
            let Some(after) = page else { return Ok(None) };
            self.state.try_lock(lock, &self.worker, LOCK_LEASE).await?;
            let page = self.store.list_deployments(after.as_deref()).await?;
            Ok::<_, RecordsError>(Some((stream::iter(page.ids.into_iter().map(Ok)), page.next.map(Some))))
        });
        pages.try_flatten()
    }

    /// A record that nobody can read would keep the index from ever being complete.
    async fn restore_what_can_be_read(&self, id: &DeploymentId) -> Result<(), RecordsError> {
        match self.restore(id).await {
            Err(error) if error.is_damage() => {
                tracing::error!(deployment.id = %id, %error, "left out of the index: its records are damaged");
                Ok(())
            }
            restored => restored,
        }
    }

    /// Restores one deployment; loose files without a birth are nobody's deployment until somebody pushes their id.
    pub(crate) async fn restore(&self, id: &DeploymentId) -> Result<(), RecordsError> {
        match find_json(&self.store, id, ObjectKey::Result(id.clone())).await? {
            // A deletion that a crash cut short is finished here.
            Found::Deleted => self.erase(id).await.map(drop),
            Found::Record(Some(result)) => self.restore_ended(result).await,
            Found::Record(None) => self.restore_unfinished(id).await,
        }
    }

    pub(crate) async fn restore_unfinished(&self, id: &DeploymentId) -> Result<(), RecordsError> {
        let Some(birth) = self.stored_birth(id).await? else { return Ok(()) };
        self.restore_child(birth.parent.as_ref(), id, birth.created_at).await?;
        self.restore_key(&birth).await?;
        self.state.restore(&self.unfinished_job(birth).await?).await?;
        // As with one that has ended: see there.
        if self.is_deleted(id).await? { self.end_deleted(id).await } else { Ok(()) }
    }

    /// The mark of deletion is looked for once more afterwards: who deleted it since its result was read may have made the
    /// state forget it before the state knew it again.
    pub(crate) async fn restore_ended(&self, result: ResultRecord) -> Result<(), RecordsError> {
        let id = result.id.clone();
        self.restore_child(result.parent.as_ref(), &id, result.created_at).await?;
        self.state.restore(&ended_job(result)).await?;
        match find_json::<Birth>(&self.store, &id, ObjectKey::Birth(id.clone())).await {
            Ok(Found::Deleted) => Ok(self.state.forget(&id).await.map(drop)?),
            Ok(Found::Record(Some(birth))) => self.restore_key(&birth).await,
            Ok(Found::Record(None)) => Ok(()),
            // Its end is known; what cannot be read is at most a key.
            Err(error) if error.is_damage() => Ok(()),
            Err(error) => Err(error),
        }
    }

    /// Its mark of deletion was looked for before.
    async fn stored_birth(&self, id: &DeploymentId) -> Result<Option<Birth>, RecordsError> {
        read_json(&self.store, &ObjectKey::Birth(id.clone())).await
    }

    async fn restore_child(
        &self,
        parent: Option<&DeploymentId>,
        id: &DeploymentId,
        created_at: Timestamp,
    ) -> Result<(), RecordsError> {
        let Some(parent) = parent else { return Ok(()) };
        Ok(self.state.add_child(parent, id, created_at).await?)
    }

    async fn unfinished_job(&self, birth: Birth) -> Result<RestoredJob, RecordsError> {
        let id = birth.id;
        let intake = self.newest_claim(&id, QueueName::Intake).await?;
        let build = self.newest_claim(&id, QueueName::Build).await?;
        let source_claim = self.stored_source(&id, intake.number.max(1)).await?;
        let needs_intake = matches!(birth.source, SourceRequest::Git { .. }) && source_claim.is_none();
        let (queue, newest) =
            if needs_intake { (QueueName::Intake, intake) } else { (QueueName::Build, build) };
        Ok(RestoredJob {
            id,
            group: birth.group,
            state: newest.at.map_or(Restored::Waiting { queue }, |at| Restored::LastClaimAt { queue, at }),
            intake_fence: intake.number,
            build_fence: build.number,
            attempt: newest.attempt,
            source_claim,
            created_at: birth.created_at,
        })
    }

    /// The newest intake claim whose snapshot is complete.
    async fn stored_source(
        &self,
        id: &DeploymentId,
        newest: u32,
    ) -> Result<Option<ClaimNumber>, RecordsError> {
        for claim in (1..=newest).rev().filter_map(ClaimNumber::new) {
            if self.store.exists(&ObjectKey::SourceInfo { id: id.clone(), claim }).await?.is_some() {
                return Ok(Some(claim));
            }
        }
        Ok(None)
    }

    pub(crate) async fn newest_claim(
        &self,
        id: &DeploymentId,
        queue: QueueName,
    ) -> Result<Newest, RecordsError> {
        let prefix = match queue {
            QueueName::Intake => KeyPrefix::IntakeClaims(id.clone()),
            QueueName::Build => KeyPrefix::BuildClaims(id.clone()),
        };
        let mut after: Option<String> = None;
        let mut newest = 0;
        loop {
            let page = self.store.list(&prefix, after.as_deref()).await?;
            let marks =
                page.entries.iter().filter_map(|entry| entry.path.strip_suffix(".json")?.parse::<u32>().ok());
            newest = marks.fold(newest, u32::max);
            after = page.next;
            if after.is_none() {
                break;
            }
        }
        self.read_mark(id, queue, newest).await
    }

    async fn read_mark(
        &self,
        id: &DeploymentId,
        queue: QueueName,
        number: u32,
    ) -> Result<Newest, RecordsError> {
        let Some(claim) = ClaimNumber::new(number) else { return Ok(Newest::default()) };
        let key = match queue {
            QueueName::Intake => ObjectKey::IntakeClaim { id: id.clone(), claim },
            QueueName::Build => ObjectKey::BuildClaim { id: id.clone(), claim },
        };
        let newest = |attempt, at| Newest { number, attempt, at };
        match read_json::<ClaimMark>(&self.store, &key).await {
            Ok(Some(mark)) => Ok(newest(mark.attempt, Some(mark.at))),
            Ok(None) => Ok(newest(1, None)),
            // Somebody took it, and may be at it still.
            Err(error) if error.is_damage() => Ok(newest(1, Some(self.now()))),
            Err(error) => Err(error),
        }
    }
}

fn ended_job(result: ResultRecord) -> RestoredJob {
    RestoredJob {
        attempt: result.attempt,
        source_claim: result.source_claim,
        ..RestoredJob::ended(result.id, result.state, result.created_at)
    }
}
