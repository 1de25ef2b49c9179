//! Whether what is stored is what was promised: the invariants of reliability.md §3 that store and state can tell.
//!
//! Reads and never repairs, so it may run beside everything else at any time; what is being settled at that moment is not
//! a finding. What it is not: a look into Docker, or at what visitors get.

mod live;

use crate::log::ArchivedLines;
use crate::objects::read_json;
use crate::{Records, RecordsError};
use futures_util::{StreamExt as _, TryStreamExt as _, stream};
use live::{Said, words};
use serde::Serialize;
use sha2::{Digest as _, Sha256};
use shipstack_state::Audit;
use shipstack_storage::ObjectKey;
use shipstack_types::{
    Birth, DeploymentId, DeploymentState, Manifest, ManifestEntry, Published, ResultRecord, Sha256Digest,
    Timestamp,
};
use std::time::Duration;

/// Deployments, and artifacts of one, looked at together.
const AT_ONCE: usize = 16;
/// Longer than the time between two looks for what was never queued; see [`Records::restore_unqueued`].
const UNQUEUED: Duration = Duration::from_mins(20);

/// How closely artifacts and logs are looked at.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Depth {
    /// Each artifact is there and has its size, each log is there.
    Sizes,
    /// Each artifact is read and has its digest, each log is read and has every line.
    Digests,
}

/// Whether the state is compared with the store.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Compare {
    /// Only the store is looked at: the state is in another process.
    StoreAlone,
    /// `status` has to say what the store says, no job may be stuck, and no claim may be published that was superseded.
    WithState,
}

/// Something that is not as promised.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Finding {
    /// The deployment.
    pub id: DeploymentId,
    /// What is wrong with it.
    pub what: String,
}

/// What was looked at.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Verified {
    /// Deployments.
    pub deployments: u64,
    /// Artifacts of deployed ones.
    pub artifacts: u64,
    /// What was not as promised.
    pub findings: u64,
}

impl Records {
    /// Looks at every deployment of the store and hands each finding to `found`.
    pub async fn verify(
        &self,
        depth: Depth,
        compare: Compare,
        mut found: impl FnMut(Finding),
    ) -> Result<Verified, RecordsError> {
        let ask = match compare {
            Compare::WithState => Ask::Since(self.state.up_since().await?),
            Compare::StoreAlone => Ask::Nothing,
        };
        let mut verified = Verified::default();
        let mut after: Option<String> = None;
        loop {
            let page = self.store.list_deployments(after.as_deref()).await?;
            let mut looks =
                stream::iter(page.ids).map(|id| self.look(id, depth, ask)).buffer_unordered(AT_ONCE);
            while let Some(look) = looks.try_next().await? {
                verified.deployments += 1;
                verified.artifacts += look.artifacts;
                verified.findings += look.wrong.len() as u64;
                look.wrong.into_iter().for_each(|what| found(Finding { id: look.id.clone(), what }));
            }
            after = page.next;
            if after.is_none() {
                return Ok(verified);
            }
        }
    }

    async fn look(&self, id: DeploymentId, depth: Depth, ask: Ask) -> Result<Look, RecordsError> {
        let broken = |what: String| Ok(Look { id: id.clone(), artifacts: 0, wrong: vec![what] });
        match self.look_closely(id.clone(), depth, ask).await {
            Err(error) if error.is_damage() => broken(error.to_string()),
            // Its own objects again and again, and nothing else: the store is there, and has lost them.
            Err(RecordsError::Store(error)) if self.store.list_deployments(None).await.is_ok() => {
                broken(format!("an object of it cannot be read: {error}"))
            }
            looked => looked,
        }
    }

    async fn look_closely(&self, id: DeploymentId, depth: Depth, ask: Ask) -> Result<Look, RecordsError> {
        let mut look = Look { id, artifacts: 0, wrong: Vec::new() };
        if self.store.exists(&ObjectKey::Deleted(look.id.clone())).await?.is_some() {
            return Ok(look);
        }
        // Before the result: what ends between the two looks is not a finding.
        let (said, audit) = self.ask(&look.id, ask).await?;
        look.wrong.extend(audit.iter().flat_map(|(audit, _)| &audit.amiss).map(|amiss| words(*amiss)));
        let result: Option<ResultRecord> =
            read_json(&self.store, &ObjectKey::Result(look.id.clone())).await?;
        let Some(result) = result else {
            self.look_at_unfinished(&mut look, said).await?;
            return Ok(look);
        };
        look.wrong.extend(said.contradicts(result.state));
        self.look_at_log(&mut look, &result, depth).await?;
        match (&result.published, result.state) {
            (Some(published), DeploymentState::Deployed) => {
                self.look_at_site(&mut look, published, depth).await?;
                // What another consumer of the queue built has no claim.
                if let (Some((audit, up_since)), false) = (&audit, is_foreign(&result)) {
                    self.look_at_claim(&mut look, published, (audit, *up_since)).await?;
                }
            }
            (None, DeploymentState::Deployed) => {
                look.wrong.push("it is deployed and names no manifest".to_owned());
            }
            (Some(_), state) => look.wrong.push(format!("it is {state} and names a manifest")),
            (None, _) => {}
        }
        Ok(look)
    }

    /// What the state says of a deployment, and since when it runs.
    async fn ask(
        &self,
        id: &DeploymentId,
        ask: Ask,
    ) -> Result<(Said, Option<(Audit, Timestamp)>), RecordsError> {
        let Ask::Since(up_since) = ask else { return Ok((Said::NotAsked, None)) };
        let audit = self.state.audit(id).await?.map(|audit| (audit, up_since));
        Ok((Said::of(self.state.status(id).await?), audit))
    }

    async fn look_at_log(
        &self,
        look: &mut Look,
        result: &ResultRecord,
        depth: Depth,
    ) -> Result<(), RecordsError> {
        // What is cancelled before anybody took it up, and what another consumer built, has nothing to say.
        let may_be_empty = result.state == DeploymentState::Cancelled || is_foreign(result);
        let lines = match depth {
            Depth::Digests => self.archived_lines(&look.id).await?,
            Depth::Sizes if self.store.exists(&ObjectKey::Log(look.id.clone())).await?.is_none() => {
                ArchivedLines::Missing
            }
            Depth::Sizes => return Ok(()),
        };
        look.wrong.extend(match lines {
            ArchivedLines::Missing => Some("it ended and its log is not archived".to_owned()),
            ArchivedLines::Unreadable => Some("its archived log cannot be read to its end".to_owned()),
            ArchivedLines::Hole { place, number } => {
                Some(format!("its archived log has the number {number} on line {place}"))
            }
            ArchivedLines::UpTo(0) if !may_be_empty => Some("its archived log is empty".to_owned()),
            ArchivedLines::UpTo(_) => None,
        });
        Ok(())
    }

    async fn look_at_unfinished(&self, look: &mut Look, said: Said) -> Result<(), RecordsError> {
        let birth: Option<Birth> = read_json(&self.store, &ObjectKey::Birth(look.id.clone())).await?;
        let Some(birth) = birth else { return Ok(()) };
        match said {
            // What was recorded and not queued is looked for every few minutes.
            Said::Unknown if self.now().since(birth.created_at) < UNQUEUED => {}
            Said::Unknown => look.wrong.push("it was accepted and the state does not know it".to_owned()),
            Said::State(state) if state.is_terminal() => {
                look.wrong.push(format!("the state says {state} and there is no result"));
            }
            _ => {}
        }
        Ok(())
    }

    async fn look_at_site(
        &self,
        look: &mut Look,
        published: &Published,
        depth: Depth,
    ) -> Result<(), RecordsError> {
        let key = ObjectKey::Manifest { id: look.id.clone(), claim: published.claim };
        let manifest: Option<Manifest> = read_json(&self.store, &key).await?;
        let Some(manifest) = manifest else {
            look.wrong.push(format!("its manifest {key} is not there"));
            return Ok(());
        };
        if manifest.root != published.root || manifest.entries.len() as u64 != published.files {
            look.wrong.push("its manifest is not the one that its result names".to_owned());
        }
        look.artifacts = manifest.entries.len() as u64;
        let id = &look.id;
        let checks = stream::iter(&manifest.entries)
            .map(|entry| self.look_at_artifact(id, published, entry, depth))
            .buffer_unordered(AT_ONCE);
        let wrong: Vec<Option<String>> = checks.try_collect().await?;
        look.wrong.extend(wrong.into_iter().flatten());
        Ok(())
    }

    async fn look_at_artifact(
        &self,
        id: &DeploymentId,
        published: &Published,
        entry: &ManifestEntry,
        depth: Depth,
    ) -> Result<Option<String>, RecordsError> {
        let key = ObjectKey::Artifact { id: id.clone(), claim: published.claim, path: entry.path.clone() };
        match self.store.exists(&key).await? {
            None => return Ok(Some(format!("its file {} is not there", entry.path))),
            Some(bytes) if bytes != entry.bytes => {
                return Ok(Some(format!(
                    "its file {} has {bytes} bytes and not {}",
                    entry.path, entry.bytes
                )));
            }
            Some(_) if depth == Depth::Sizes => return Ok(None),
            Some(_) => {}
        }
        let same = self.measure(&key).await? == Some((entry.bytes, entry.sha256));
        Ok((!same).then(|| format!("its file {} is not what was published", entry.path)))
    }

    /// Length and digest of an object, which is read for it; `None` when it is not there.
    pub(crate) async fn measure(&self, key: &ObjectKey) -> Result<Option<(u64, Sha256Digest)>, RecordsError> {
        let Some(mut object) = self.store.get(key).await? else { return Ok(None) };
        let mut digest = Sha256::new();
        while let Some(chunk) = object.body.try_next().await? {
            digest.update(&chunk);
        }
        Ok(Some((object.length, Sha256Digest::from_bytes(digest.finalize().into()))))
    }
}

/// One deployment under the glass.
struct Look {
    id: DeploymentId,
    artifacts: u64,
    wrong: Vec<String>,
}

/// What is asked of the state.
#[derive(Clone, Copy)]
enum Ask {
    Nothing,
    /// Everything; it runs since then.
    Since(Timestamp),
}

/// Whether another consumer of the queue built it: every build of ours has a plan.
fn is_foreign(result: &ResultRecord) -> bool {
    result.state == DeploymentState::Deployed && result.plan.is_none()
}
