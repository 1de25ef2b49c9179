//! Births: a deployment is in the store before its id is queued, and queued before anybody hears of it.

use crate::objects::write_json;
use crate::{Records, RecordsError};
use shipstack_storage::{ObjectKey, PutBody};
use shipstack_types::{
    Birth, BuildOptions, ClaimNumber, DeploymentId, GitRef, GitUrl, SourceInfo, SourceRequest,
};

/// An archive that was received, checked and written as a snapshot.
pub struct ArchiveSource {
    /// The snapshot's bytes.
    pub snapshot: PutBody,
    /// What is stored beside it.
    pub info: SourceInfo,
    /// Whether it is the finished site.
    pub prebuilt: bool,
}

/// What deployments of the same repository share their turn under, as long as they have no project (contract §7).
#[must_use]
pub fn group_of_repository(url: &GitUrl) -> String {
    format!("repo:{}", url.repository())
}

impl Records {
    /// Accepts a Git source: the birth is recorded, then its intake is queued.
    pub async fn accept_git(
        &self,
        id: DeploymentId,
        (url, git_ref): (GitUrl, Option<GitRef>),
        build: BuildOptions,
    ) -> Result<Birth, RecordsError> {
        let group = group_of_repository(&url);
        let birth =
            Birth { id, source: SourceRequest::Git { url, git_ref }, build, group, created_at: self.now() };
        write_json(&self.store, &ObjectKey::Birth(birth.id.clone()), &birth).await?;
        self.state.queue_intake(&birth.id, &birth.group).await?;
        Ok(birth)
    }

    /// Accepts an archive: its snapshot and its birth are stored, then its build is queued. Until the birth is
    /// written nobody can know of the id, so a client that leaves earlier leaves objects only.
    pub async fn accept_archive(
        &self,
        id: DeploymentId,
        archive: ArchiveSource,
        build: BuildOptions,
    ) -> Result<Birth, RecordsError> {
        let claim = ClaimNumber::FIRST;
        self.store_snapshot(&id, claim, archive.snapshot, &archive.info).await?;
        let source = SourceRequest::Archive { prebuilt: archive.prebuilt };
        let birth = Birth { group: format!("id:{id}"), id, source, build, created_at: self.now() };
        write_json(&self.store, &ObjectKey::Birth(birth.id.clone()), &birth).await?;
        self.state.queue_build(&birth.id, &birth.group, claim).await?;
        Ok(birth)
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
