//! The first thing in a claim: whose job it is, and the mark that says who took it.

use crate::objects::{Found, find_json, read_json, write_json};
use crate::{Records, RecordsError};
use shipstack_state::{Claim, HandBack, StateError};
use shipstack_storage::ObjectKey;
use shipstack_types::{Birth, BuildOptions, ClaimMark, DeploymentId, QueueName, ResultRecord, SourceRequest};
use tokio_util::sync::CancellationToken;

/// What the store knows of a job that was taken.
enum Known {
    /// It was deleted.
    Deleted,
    /// Its end.
    End(Box<ResultRecord>),
    /// Its birth, unless a classic producer pushed it.
    Birth(Option<Box<Birth>>),
}

impl Records {
    /// Begins a claimed job: its birth is read, or written for an id that a classic producer pushed, and the claim is
    /// marked in the store. `None` when there is nothing to do: the store already knows its end, or it was deleted.
    ///
    /// A store may take longer to answer than the lease lasts, and who comes back to a job of others leaves no mark on it:
    /// what is asked of the store for the claim ends with `lost`. What is asked after the job was ended or handed back does
    /// not, for the state calls a claim lost from then on.
    pub(crate) async fn begin(
        &self,
        claim: &Claim,
        lost: &CancellationToken,
    ) -> Result<Option<Birth>, RecordsError> {
        let id = &claim.id;
        let stored = match while_held(claim, lost, self.known(id)).await? {
            Known::Deleted => return self.end_deleted(id).await.map(|()| None),
            Known::End(shown) => return self.end_as_shown(*shown).await.map(|()| None),
            Known::Birth(stored) => stored,
        };
        let birth = match stored {
            // Known to the store but not to the state: a lost Redis. Its claim numbers must not be given out again.
            Some(_) if claim.adopted => {
                self.state.hand_back(claim, HandBack::Drain).await?;
                self.restore(id).await?;
                return Ok(None);
            }
            Some(birth) => *birth,
            None => while_held(claim, lost, self.adopt(id)).await?,
        };
        if !while_held(claim, lost, self.mark(claim)).await? {
            tracing::warn!(deployment.id = %claim.id, claim = claim.number.get(), "this claim was given out before");
            self.state.hand_back(claim, HandBack::Drain).await?;
            return Ok(None);
        }
        Ok(Some(birth))
    }

    async fn known(&self, id: &DeploymentId) -> Result<Known, RecordsError> {
        match find_json(&self.store, id, ObjectKey::Result(id.clone())).await? {
            Found::Deleted => Ok(Known::Deleted),
            Found::Record(Some(shown)) => Ok(Known::End(Box::new(shown))),
            Found::Record(None) => {
                let birth = read_json(&self.store, &ObjectKey::Birth(id.clone())).await?;
                Ok(Known::Birth(birth.map(Box::new)))
            }
        }
    }

    async fn adopt(&self, id: &DeploymentId) -> Result<Birth, RecordsError> {
        let birth = unknown_birth(id, self.now());
        write_json(&self.store, &ObjectKey::Birth(id.clone()), &birth).await?;
        Ok(birth)
    }

    /// Writes down that this claim exists. `false` if somebody did before: the state forgot its last moments and gave the number
    /// out again, and the objects under it may be another holder's, who is perhaps still at work.
    async fn mark(&self, claim: &Claim) -> Result<bool, RecordsError> {
        let mark = ClaimMark { worker: claim.worker.clone(), attempt: claim.attempt, at: self.now() };
        let (id, number) = (claim.id.clone(), claim.number);
        let key = match claim.queue {
            QueueName::Intake => ObjectKey::IntakeClaim { id, claim: number },
            QueueName::Build => ObjectKey::BuildClaim { id, claim: number },
        };
        if self.store.exists(&key).await?.is_some() {
            return Ok(false);
        }
        write_json(&self.store, &key, &mark).await?;
        Ok(true)
    }
}

/// Asks while the lease lasts.
async fn while_held<T>(
    claim: &Claim,
    lost: &CancellationToken,
    asking: impl Future<Output = Result<T, RecordsError>>,
) -> Result<T, RecordsError> {
    // On the heap, so that what begins a job stays small.
    let asked = lost.run_until_cancelled(Box::pin(asking)).await;
    asked.unwrap_or_else(|| Err(StateError::LeaseLost { id: claim.id.clone() }.into()))
}

/// The birth of an id that nobody announced.
pub(crate) fn unknown_birth(id: &DeploymentId, now: shipstack_types::Timestamp) -> Birth {
    Birth {
        id: id.clone(),
        source: SourceRequest::Adopted,
        build: BuildOptions::default(),
        group: format!("id:{id}"),
        parent: None,
        supersede: false,
        idempotency: None,
        traceparent: None,
        created_at: now,
    }
}
