//! Accepting work, and bringing it back from the store.

use super::State;
use crate::backend::Step;
use crate::{Restored, RestoredJob, StateError};
use shipstack_types::job::{self, Event, RestoredAs};
use shipstack_types::{ClaimNumber, DeploymentId};

impl State {
    /// Queues the fetching of a Git source: – → uploading. The birth record must be in the store. `group` is the
    /// project, or the repository of what has none. What is known already stays as it is.
    pub async fn queue_intake(&self, id: &DeploymentId, group: &str) -> Result<(), StateError> {
        self.accept(id, group, Event::QueueIntake).await
    }

    /// Queues the build of a stored archive: – → uploaded. What is known already stays as it is.
    pub async fn queue_build(
        &self,
        id: &DeploymentId,
        group: &str,
        source_claim: ClaimNumber,
    ) -> Result<(), StateError> {
        self.accept(id, group, Event::QueueBuild { source_claim: Some(source_claim) }).await
    }

    /// Brings one job back as the object store remembers it (reindex). Safe while everything runs: what is known
    /// stays, except that a result in the store ends the job, and claim numbers that have objects are never given
    /// out again.
    pub async fn restore(&self, restored: &RestoredJob) -> Result<(), StateError> {
        let state = match restored.state {
            Restored::Terminal(state) => RestoredAs::Terminal(state),
            Restored::Waiting { queue } => RestoredAs::Waiting(queue),
            Restored::LastClaimAt { queue, at } => RestoredAs::LastClaimAt(queue, at),
        };
        let event = Event::Restore(job::Restored {
            state,
            intake_fence: restored.intake_fence,
            build_fence: restored.build_fence,
            attempt: restored.attempt,
            source_claim: restored.source_claim,
        });
        let step = Step {
            group: Some(restored.group.clone()),
            created_at: Some(restored.created_at),
            ..Step::from(event)
        };
        self.must_apply(&restored.id, step).await.map(|_| ())
    }

    async fn accept(&self, id: &DeploymentId, group: &str, event: Event) -> Result<(), StateError> {
        let step = Step { group: Some(group.to_owned()), ..Step::from(event) };
        self.must_apply(id, step).await.map(|_| ())
    }
}
