//! The first thing in a claim: whose job it is, and the mark that says who took it.

use crate::objects::{read_json, write_json};
use crate::outcome::{BuildReport, Ending};
use crate::{Records, RecordsError};
use shipstack_state::{Claim, Decider, HandBack, Outcome};
use shipstack_storage::ObjectKey;
use shipstack_types::{
    Birth, BuildOptions, ClaimMark, Code, DeploymentId, Failure, Phase, QueueName, ResultRecord,
    SourceRequest,
};

impl Records {
    /// Begins a claimed job: its birth is read, or written for an id that a classic producer pushed, and the claim is
    /// marked in the store. `None` when there is nothing to do: the store already knows its end, or it was deleted.
    pub(crate) async fn begin(&self, claim: &Claim) -> Result<Option<Birth>, RecordsError> {
        let id = &claim.id;
        if self.end_is_known(claim).await? {
            return Ok(None);
        }
        let stored: Option<Birth> = read_json(&self.store, &ObjectKey::Birth(id.clone())).await?;
        let birth = match stored {
            // Known to the store but not to the state: a lost Redis. Its claim numbers must not be given out again.
            Some(_) if claim.adopted => {
                self.state.hand_back(claim, HandBack::Drain).await?;
                self.restore(id).await?;
                return Ok(None);
            }
            Some(birth) => birth,
            None => self.adopt(id).await?,
        };
        if !self.mark(claim).await? {
            tracing::warn!(deployment.id = %id, claim = claim.number.get(), "this claim was given out before");
            self.state.hand_back(claim, HandBack::Drain).await?;
            return Ok(None);
        }
        Ok(Some(birth))
    }

    /// A job whose `result.json` exists is not done again: the same bytes are decided and settled.
    async fn end_is_known(&self, claim: &Claim) -> Result<bool, RecordsError> {
        let id = &claim.id;
        if self.store.exists(&ObjectKey::Deleted(id.clone())).await?.is_some() {
            let birth = unknown_birth(id, self.now());
            let failure =
                Failure::new(Phase::Preparing, Code::SourceMissing).message("The deployment was deleted.");
            self.decide(Decider::Holder(claim), &birth, BuildReport::default(), Ending::Failed(failure))
                .await?;
            self.settle(id).await?;
            // Settling wrote a log and a result; nobody is to know of them.
            self.erase(id).await?;
            return Ok(true);
        }
        let key = ObjectKey::Result(id.clone());
        let Some(record) = self.store.read(&key, 64 * 1024 * 1024).await? else { return Ok(false) };
        let parsed: ResultRecord = serde_json::from_slice(&record)
            .map_err(|source| RecordsError::Unreadable { key: key.to_string(), source })?;
        self.state.decide(Decider::Holder(claim), &Outcome { state: parsed.state, record }).await?;
        self.settle(id).await?;
        Ok(true)
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
