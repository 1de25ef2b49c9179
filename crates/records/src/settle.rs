//! From a decided outcome to a visible end. Everything here may be done twice, by anybody, at any time.

use crate::objects::read_json;
use crate::outcome::{BuildReport, Ending};
use crate::{Records, RecordsError};
use shipstack_service::Metric;
use shipstack_state::{Decider, Decision, Outcome, Settled};
use shipstack_storage::{ObjectKey, PutBody, Store};
use shipstack_types::{Birth, DeploymentId, LogLine, PhaseTiming, ResultRecord};
use std::time::Duration;
use tokio_util::sync::CancellationToken;

/// Pause between tries to reach the store or the state, and its upper bound.
const FIRST_PAUSE: Duration = Duration::from_millis(200);
const LONGEST_PAUSE: Duration = Duration::from_secs(5);

impl Records {
    /// Decides an outcome, with what is known of the job up to now.
    pub(crate) async fn decide(
        &self,
        by: Decider<'_>,
        birth: &Birth,
        report: BuildReport,
        ending: Ending,
    ) -> Result<Decision, RecordsError> {
        let job = self.state.job(&birth.id).await?;
        let outcome = self.outcome(birth, job.as_ref(), report, ending)?;
        Ok(self.state.decide(by, &outcome).await?)
    }

    /// Makes a decided outcome visible: log archived, `result.json` written with exactly the decided bytes, and only
    /// then the end. Without a decided outcome nothing happens.
    pub async fn settle(&self, id: &DeploymentId) -> Result<(), RecordsError> {
        self.settle_decided(id, &[], &self.store).await.map(drop)
    }

    /// The same, with the result written through `store`; whether anything was decided.
    async fn settle_decided(
        &self,
        id: &DeploymentId,
        heard: &[LogLine],
        store: &Store,
    ) -> Result<bool, RecordsError> {
        let Some(outcome) = self.state.outcome(id).await? else { return Ok(false) };
        self.archive_log(id, heard, &outcome).await?;
        let key = ObjectKey::Result(id.clone());
        if !self.is_shown(&key, &outcome).await? {
            let body = PutBody::Bytes(outcome.record.clone());
            store.put(&key, body, Some("application/json")).await?;
        }
        if self.state.settle(id).await? == Settled::Done {
            count(&outcome);
        }
        self.state.drop_log(id).await?;
        tracing::info!(deployment.id = %id, state = %outcome.state, "deployment ended");
        Ok(true)
    }

    /// Whether a result with the same word is there already, though perhaps not with the same bytes: a state that forgot its
    /// last moments had the end decided twice, and what was shown first stays. What nobody can read was shown to nobody.
    async fn is_shown(&self, key: &ObjectKey, outcome: &Outcome) -> Result<bool, RecordsError> {
        match read_json::<ResultRecord>(&self.store, key).await {
            Err(error) if error.is_damage() => Ok(false),
            shown => Ok(shown?.is_some_and(|shown| shown.state == outcome.state)),
        }
    }

    /// Settles, trying again until it is done or the process stops; the next reconcile of any process does the rest.
    /// Whether the end is visible now: the state may have lost what was decided, and then somebody else does the job, so
    /// every try to write the result asks first. `heard` is the whole log, if it is known.
    pub(crate) async fn settle_until(
        &self,
        id: &DeploymentId,
        heard: &[LogLine],
        stop: &CancellationToken,
    ) -> bool {
        let store = self.store.without_retries();
        let mut pause = FIRST_PAUSE;
        loop {
            match self.settle_decided(id, heard, &store).await {
                Ok(was_decided) => return was_decided,
                Err(error) => tracing::warn!(deployment.id = %id, %error, "settling is tried again"),
            }
            tokio::select! {
                () = stop.cancelled() => return false,
                () = tokio::time::sleep(pause) => pause = (pause * 2).min(LONGEST_PAUSE),
            }
        }
    }
}

/// Counts an end. Whoever makes it visible counts it, so each is counted once.
fn count(outcome: &Outcome) {
    let record: Option<ResultRecord> = serde_json::from_slice(&outcome.record).ok();
    let failure = record.as_ref().and_then(|record| record.failure.as_ref());
    let code = failure.map_or("none", |failure| failure.code.as_str());
    Metric::DeploymentsEnded.add(1, &[outcome.state.as_str(), code]);
    for PhaseTiming { phase, started_at, ended_at } in record.into_iter().flat_map(|record| record.phases) {
        if let Some(ended_at) = ended_at {
            Metric::PhaseDuration.note(ended_at.since(started_at).as_secs_f64(), &[phase.as_str()]);
        }
    }
}
