//! From what a handler reports to the bytes of `result.json`.

use crate::objects::to_bytes;
use crate::{Records, RecordsError};
use shipstack_state::{JobView, Outcome};
use shipstack_storage::ObjectKey;
use shipstack_types::{
    Birth, BuildPlan, ClaimNumber, DeploymentState, EgressReceipt, Failure, PhaseTiming, Published,
    ResultRecord, Timestamp,
};

/// What a handler knows at its end; everything that is not known stays empty.
#[derive(Clone, Debug, Default)]
pub struct BuildReport {
    /// What visitors will see; only when it succeeded.
    pub published: Option<Published>,
    /// The effective plan.
    pub plan: Option<BuildPlan>,
    /// The builder image.
    pub image: Option<String>,
    /// Most memory the build used, in bytes.
    pub peak_memory_bytes: Option<u64>,
    /// What the build asked of the network.
    pub egress: Option<EgressReceipt>,
    /// The intake claim whose snapshot was built.
    pub source_claim: Option<ClaimNumber>,
}

/// How a deployment ends.
#[derive(Clone, Debug)]
pub(crate) enum Ending {
    Deployed,
    Failed(Failure),
    Cancelled,
}

impl Records {
    /// The outcome to be decided: `result.json` as it will be, with the phase timings up to now.
    pub(crate) fn outcome(
        &self,
        birth: &Birth,
        job: Option<&JobView>,
        report: BuildReport,
        ending: Ending,
    ) -> Result<Outcome, RecordsError> {
        let ended_at = self.now();
        let (state, failure) = match ending {
            Ending::Deployed => (DeploymentState::Deployed, None),
            Ending::Failed(failure) => (DeploymentState::Failed, Some(failure)),
            Ending::Cancelled => (DeploymentState::Cancelled, None),
        };
        let record = ResultRecord {
            id: birth.id.clone(),
            state,
            failure,
            published: report.published.filter(|_| state == DeploymentState::Deployed),
            attempt: job.map_or(0, |job| job.attempt),
            source_claim: report.source_claim.or_else(|| job.and_then(|job| job.source_claim)),
            plan: report.plan,
            image: report.image,
            phases: job.map(|job| closed(&job.phases, ended_at)).unwrap_or_default(),
            peak_memory_bytes: report.peak_memory_bytes,
            egress: report.egress,
            parent: birth.parent.clone(),
            traceparent: birth.traceparent.clone(),
            log_key: ObjectKey::Log(birth.id.clone()).to_string(),
            created_at: birth.created_at,
            ended_at,
        };
        Ok(Outcome { state, record: to_bytes(&record)? })
    }
}

fn closed(phases: &[PhaseTiming], at: Timestamp) -> Vec<PhaseTiming> {
    let close =
        |timing: &PhaseTiming| PhaseTiming { ended_at: timing.ended_at.or(Some(at)), ..timing.clone() };
    phases.iter().map(close).collect()
}
