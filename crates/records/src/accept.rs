//! Births: a deployment is in the store before its id is queued, and queued before anybody hears of it.

use crate::objects::write_json;
use crate::{Records, RecordsError};
use shipstack_service::failpoint;
use shipstack_storage::{ObjectKey, PutBody};
use shipstack_types::{
    Birth, BuildOptions, ClaimNumber, DeploymentId, GitRef, GitUrl, IdempotencyMark, SourceInfo, SourceName,
    SourceRequest, TraceParent,
};

/// What every new deployment brings along.
#[derive(Clone, Debug)]
pub struct NewDeployment {
    /// Its id.
    pub id: DeploymentId,
    /// What was asked of the build.
    pub build: BuildOptions,
    /// The idempotency key it was asked for with, reserved for this id.
    pub idempotency: Option<IdempotencyMark>,
    /// Where the request stands in its caller's trace.
    pub traceparent: Option<TraceParent>,
}

/// An archive that was received, checked and written as a snapshot.
pub struct ArchiveSource {
    /// The snapshot's bytes.
    pub snapshot: PutBody,
    /// What is stored beside it.
    pub info: SourceInfo,
    /// Whether it is the finished site.
    pub prebuilt: bool,
    /// What it was called where it came from.
    pub name: Option<SourceName>,
}

/// What deployments of the same repository share their turn under, as long as they have no project (contract §7).
#[must_use]
pub fn group_of_repository(url: &GitUrl) -> String {
    format!("repo:{}", url.repository())
}

/// What a source counts as.
pub(crate) fn group_of(source: &SourceRequest, id: &DeploymentId) -> String {
    match source {
        SourceRequest::Git { url, .. } => group_of_repository(url),
        SourceRequest::Archive { .. } | SourceRequest::Adopted => format!("id:{id}"),
    }
}

impl Records {
    /// Accepts a Git source: the birth is recorded, then its intake is queued.
    pub async fn accept_git(
        &self,
        new: NewDeployment,
        (url, git_ref): (GitUrl, Option<GitRef>),
    ) -> Result<Birth, RecordsError> {
        let birth = self.birth(new, SourceRequest::Git { url, git_ref });
        self.queue_git(birth).await
    }

    /// The same, and older deployments of the same source that still wait give way to it (`superseded`). It is accepted
    /// whether or not they can be ended now: its intake tries again.
    pub async fn accept_git_instead(
        &self,
        new: NewDeployment,
        (url, git_ref): (GitUrl, Option<GitRef>),
    ) -> Result<Birth, RecordsError> {
        let birth = Birth { supersede: true, ..self.birth(new, SourceRequest::Git { url, git_ref }) };
        let birth = self.queue_git(birth).await?;
        if let Err(error) = self.supersede_older(&birth).await {
            tracing::warn!(deployment.id = %birth.id, %error, "what it supersedes is looked for again later");
        }
        Ok(birth)
    }

    async fn queue_git(&self, birth: Birth) -> Result<Birth, RecordsError> {
        self.record(&birth).await?;
        failpoint::reach("accept.born").await?;
        self.state.queue_intake(&birth.id, &birth.group).await?;
        failpoint::reach("accept.queued").await?;
        Ok(birth)
    }

    /// Accepts an archive: its snapshot and its birth are stored, then its build is queued. Until the birth is
    /// written nobody can know of the id, so a client that leaves earlier leaves objects only.
    pub async fn accept_archive(
        &self,
        new: NewDeployment,
        archive: ArchiveSource,
    ) -> Result<Birth, RecordsError> {
        let claim = ClaimNumber::FIRST;
        self.store_snapshot(&new.id, claim, archive.snapshot, &archive.info).await?;
        failpoint::reach("accept.stored").await?;
        let birth =
            self.birth(new, SourceRequest::Archive { prebuilt: archive.prebuilt, name: archive.name });
        self.record(&birth).await?;
        failpoint::reach("accept.born").await?;
        self.state.queue_build(&birth.id, &birth.group, claim).await?;
        failpoint::reach("accept.queued").await?;
        Ok(birth)
    }

    /// The birth of a deployment that begins now.
    pub(crate) fn birth(&self, new: NewDeployment, source: SourceRequest) -> Birth {
        Birth {
            group: group_of(&source, &new.id),
            id: new.id,
            source,
            build: new.build,
            parent: None,
            supersede: false,
            idempotency: new.idempotency,
            traceparent: new.traceparent,
            created_at: self.now(),
        }
    }

    /// Writes a birth to the store.
    pub(crate) async fn record(&self, birth: &Birth) -> Result<(), RecordsError> {
        write_json(&self.store, &ObjectKey::Birth(birth.id.clone()), birth).await
    }

    /// Stores a snapshot and, after it, what it is. The second is the mark that the first is complete.
    pub async fn store_snapshot(
        &self,
        id: &DeploymentId,
        claim: ClaimNumber,
        snapshot: PutBody,
        info: &SourceInfo,
    ) -> Result<(), RecordsError> {
        let key = ObjectKey::Source { id: id.clone(), claim };
        self.store.put(&key, snapshot, Some("application/zstd")).await?;
        write_json(&self.store, &ObjectKey::SourceInfo { id: id.clone(), claim }, info).await
    }
}
