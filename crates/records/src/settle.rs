//! From a decided outcome to a visible end. Everything here may be done twice, by anybody, at any time.

use crate::objects::read_json;
use crate::outcome::{BuildReport, Ending};
use crate::{Records, RecordsError};
use shipstack_service::Metric;
use shipstack_state::{Decider, Decision, Outcome, Settled};
use shipstack_storage::{ObjectKey, PutBody};
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
        self.settle_with(id, &[]).await.map(drop)
    }

    /// The same with the whole log, if it is known. `false` when nothing is decided, or not any more.
    async fn settle_with(&self, id: &DeploymentId, heard: &[LogLine]) -> Result<bool, RecordsError> {
        let Some(outcome) = self.state.outcome(id).await? else { return Ok(false) };
        match self.shown(id).await? {
            Some(shown) if shown.state != outcome.state => {
                return self.end_as_shown(shown).await.map(|()| true);
            }
            Some(_) => {}
            None => {
                self.archive_log(id, heard, &outcome).await?;
                if !self.write_result(id, &outcome).await? {
                    return Ok(false);
                }
            }
        }
        if self.state.settle(id).await? == Settled::Done {
            count(&outcome);
        }
        self.state.drop_log(id).await?;
        tracing::info!(deployment.id = %id, state = %outcome.state, "deployment ended");
        Ok(true)
    }

    /// The result that is there already, though perhaps not with the decided bytes: a state that forgot its last moments had
    /// the end decided twice, and what was shown first stays. What nobody can read was shown to nobody.
    async fn shown(&self, id: &DeploymentId) -> Result<Option<ResultRecord>, RecordsError> {
        match read_json(&self.store, &ObjectKey::Result(id.clone())).await {
            Err(error) if error.is_damage() => Ok(None),
            shown => shown,
        }
    }

    /// Ends a job, however it stands, with the result that the store has.
    pub(crate) async fn end_as_shown(&self, shown: ResultRecord) -> Result<(), RecordsError> {
        let id = shown.id.clone();
        tracing::info!(deployment.id = %id, state = %shown.state, "it had ended before");
        self.restore_ended(shown).await?;
        Ok(self.state.drop_log(&id).await?)
    }

    /// Writes the decided bytes. The store may take longer to answer than the state remembers what was decided, and then
    /// somebody else does the job: `false`, and nothing is written.
    async fn write_result(&self, id: &DeploymentId, outcome: &Outcome) -> Result<bool, RecordsError> {
        let body = PutBody::Bytes(outcome.record.clone());
        let is_decided = || async { Ok(self.state.outcome(id).await?.as_ref() == Some(outcome)) };
        self.store.put_while(&ObjectKey::Result(id.clone()), body, Some("application/json"), is_decided).await
    }

    /// Settles, trying again until it is done or the process stops; the next reconcile of any process does the rest.
    /// `false` when the process stops before, or nothing is decided any more: another process settled it, or the state lost
    /// what was decided. `heard` is the whole log, if it is known.
    pub(crate) async fn settle_until(
        &self,
        id: &DeploymentId,
        heard: &[LogLine],
        stop: &CancellationToken,
    ) -> bool {
        let mut pause = FIRST_PAUSE;
        loop {
            match self.settle_with(id, heard).await {
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
