//! The loops that keep the promise that every acknowledged id ends: reap what died, repair what disagrees.
//!
//! Both are idempotent and may run in any number of processes at once.

use crate::adopt::unknown_birth;
use crate::objects::read_json;
use crate::outcome::{BuildReport, Ending};
use crate::{Records, RecordsError};
use shipstack_state::{Decider, Reaped, Repair, Verdict};
use shipstack_storage::ObjectKey;
use shipstack_types::{Birth, Code, DeploymentId, Failure, Phase, QueueName};

impl Records {
    /// One round of the reaper: jobs of dead workers go back or end, rested jobs go back, decided ones are settled.
    pub async fn reap(&self) -> Result<(), RecordsError> {
        self.state.promote_due().await?;
        for reaped in self.state.reap().await? {
            self.on_to_the_next(&reaped.id, self.reaped(&reaped).await).await?;
        }
        Ok(())
    }

    async fn reaped(&self, reaped: &Reaped) -> Result<(), RecordsError> {
        tracing::warn!(deployment.id = %reaped.id, claim = reaped.fence.get(), verdict = ?reaped.verdict, "reaped");
        let phase = match reaped.queue {
            QueueName::Intake => Phase::Cloning,
            QueueName::Build => Phase::Building,
        };
        let ending = match reaped.verdict {
            Verdict::GivenBack => return Ok(()),
            Verdict::NeedsSettling => return self.settle(&reaped.id).await,
            Verdict::Cancelled => Ending::Cancelled,
            Verdict::AttemptsUsedUp => Ending::Failed(Failure::new(phase, Code::WorkerLost)),
            Verdict::DeadlinePassed => Ending::Failed(Failure::new(phase, deadline_code(reaped.queue))),
        };
        let by = Decider::Reaper { id: &reaped.id, queue: reaped.queue, fence: reaped.fence };
        self.conclude(by, &reaped.id, BuildReport::default(), ending).await
    }

    /// One round of the reconciler over everything unfinished.
    pub async fn reconcile(&self) -> Result<(), RecordsError> {
        let mut cursor = 0;
        loop {
            let (ids, next) = self.state.unfinished(cursor).await?;
            for id in ids {
                self.on_to_the_next(&id, self.repair(&id).await).await?;
            }
            if next == 0 {
                return Ok(());
            }
            cursor = next;
        }
    }

    /// What fails one job keeps no other one waiting, and the next round looks at it again. Without state or store there is
    /// no other one.
    async fn on_to_the_next(
        &self,
        id: &DeploymentId,
        done: Result<(), RecordsError>,
    ) -> Result<(), RecordsError> {
        let Err(error) = done else { return Ok(()) };
        let is_over = match &error {
            RecordsError::State(error) => error.is_unavailable(),
            RecordsError::Store(_) => self.store.check().await.is_err(),
            _ => false,
        };
        if is_over {
            return Err(error);
        }
        tracing::warn!(deployment.id = %id, error = &error as &dyn std::error::Error, "left to the next round");
        Ok(())
    }

    async fn repair(&self, id: &DeploymentId) -> Result<(), RecordsError> {
        let repair = self.state.repair(id).await?;
        if repair != Repair::Nothing {
            tracing::info!(deployment.id = %id, ?repair, "repaired");
        }
        match repair {
            Repair::Unknown => self.restore(id).await,
            Repair::NeedsSettling => self.settle(id).await,
            Repair::CancelPending => {
                self.conclude(Decider::Canceller(id), id, BuildReport::default(), Ending::Cancelled).await
            }
            Repair::QueueTimeout => {
                let ending = Ending::Failed(Failure::new(Phase::Queued, Code::QueueTimeout));
                self.conclude(Decider::QueueTimeout(id), id, BuildReport::default(), ending).await
            }
            Repair::ForeignDeployed => self.adopt_foreign(id).await,
            Repair::Nothing | Repair::Requeued | Repair::GivenExpiredLease | Repair::StatusRewritten => {
                Ok(())
            }
        }
    }

    /// Decides an end that no holder is left to decide, and makes it visible.
    pub(crate) async fn conclude(
        &self,
        by: Decider<'_>,
        id: &DeploymentId,
        report: BuildReport,
        ending: Ending,
    ) -> Result<(), RecordsError> {
        // One that nobody can read keeps no job from its end.
        let stored: Option<Birth> = match read_json(&self.store, &ObjectKey::Birth(id.clone())).await {
            Err(error) if error.is_damage() => None,
            stored => stored?,
        };
        let birth = stored.unwrap_or_else(|| unknown_birth(id, self.now()));
        self.decide(by, &birth, report, ending).await?;
        self.settle(id).await
    }
}

fn deadline_code(queue: QueueName) -> Code {
    match queue {
        QueueName::Intake => Code::CloneTimeout,
        QueueName::Build => Code::BuildTimeout,
    }
}
