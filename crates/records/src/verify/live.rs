//! What the state says of a deployment, and what of it should not be.

use super::Look;
use crate::objects::read_json;
use crate::{Records, RecordsError};
use shipstack_state::{Amiss, Audit};
use shipstack_storage::ObjectKey;
use shipstack_types::{ClaimMark, ClaimNumber, DeploymentState, Published, Timestamp};

/// Claims in a row that may have been lost before their holders wrote them down: as often as a job is given out at most.
const UNMARKED: u32 = 5;

/// What the state says of a deployment.
pub(super) enum Said {
    NotAsked,
    Unknown,
    State(DeploymentState),
}

impl Said {
    pub(super) fn of(status: Option<DeploymentState>) -> Self {
        status.map_or(Self::Unknown, Self::State)
    }

    /// A state that is not terminal yet is a moment behind; one that says another end is wrong.
    pub(super) fn contradicts(&self, truth: DeploymentState) -> Option<String> {
        match self {
            Self::Unknown => Some(format!("it is {truth} and the state does not know it")),
            Self::State(said) if said.is_terminal() && *said != truth => {
                Some(format!("it is {truth} and the state says {said}"))
            }
            Self::State(_) | Self::NotAsked => None,
        }
    }
}

/// What is wrong with a job in the state, in words.
pub(super) fn words(amiss: Amiss) -> String {
    match amiss {
        Amiss::Damaged => "its job in the state cannot be read".to_owned(),
        Amiss::TooOften { attempts, deliveries } => {
            format!("it was taken too often: {attempts} attempts, {deliveries} deliveries")
        }
        Amiss::LeaseLongOver => {
            "its lease is long over and nobody gives it back: does any service run?".to_owned()
        }
        Amiss::InNoList => "it has not ended, and is in no queue and in nobody's hands".to_owned(),
    }
}

impl Records {
    /// A claim that was superseded shows nothing (promise 5). A state that forgot in between what was decided has the job
    /// done again while its result may be on its way to the store: then whichever is there first counts. So only what the
    /// state has known from before the published claim to this day is held to it. `up_since` is when it was started: it
    /// may have forgotten its last second before.
    pub(super) async fn look_at_claim(
        &self,
        look: &mut Look,
        published: &Published,
        (audit, up_since): (&Audit, Timestamp),
    ) -> Result<(), RecordsError> {
        let claim = published.claim;
        if audit.build_fence <= claim.get() {
            return Ok(());
        }
        let key = ObjectKey::BuildClaim { id: look.id.clone(), claim };
        let mark: Option<ClaimMark> = read_json(&self.store, &key).await?;
        let knew = |mark: ClaimMark| up_since <= mark.at && audit.since.is_some_and(|since| since <= mark.at);
        if !mark.is_some_and(knew) {
            return Ok(());
        }
        let newest = audit.build_fence.min(claim.get().saturating_add(UNMARKED));
        for later in (claim.get() + 1..=newest).filter_map(ClaimNumber::new) {
            let key = ObjectKey::BuildClaim { id: look.id.clone(), claim: later };
            if self.store.exists(&key).await?.is_some() {
                look.wrong.push(format!("claim {claim} is published, and claim {later} had begun"));
                return Ok(());
            }
        }
        Ok(())
    }
}
