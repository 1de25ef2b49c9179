//! Intake: a queued Git source becomes a stored snapshot.

use crate::loose_layout;
use shipstack_records::{Handler, Job, JobEnd, RecordsError};
use shipstack_service::failpoint;
use shipstack_settings::SnapshotLayout;
use shipstack_source::{Commit, GitFetch, Snapshot, SourceError, Spool, fetch_git};
use shipstack_storage::PutBody;
use shipstack_types::{
    Code, Failure, GitRef, GitUrl, HostAllowList, LogStream, Phase, QueueName, SourceInfo, SourceLimits,
    SourceRequest,
};
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::mpsc;

/// Lines of git on their way into the log.
const LINES_AHEAD: usize = 64;

/// Fetches sources.
pub(crate) struct Intake {
    pub(crate) spool: Spool,
    pub(crate) limits: SourceLimits,
    pub(crate) deadline: Duration,
    pub(crate) allow_private: HostAllowList,
    pub(crate) ca_file: Option<PathBuf>,
    pub(crate) layout: SnapshotLayout,
}

impl Handler for Intake {
    const QUEUE: QueueName = QueueName::Intake;

    async fn run(&self, job: Arc<Job>) -> JobEnd {
        // Dropping the fetch kills its processes and removes its files.
        tokio::select! {
            end = self.take_in(&job) => end.unwrap_or_else(failed),
            () = job.stopped().cancelled() => JobEnd::Stopped,
        }
    }
}

fn failed(failure: Failure) -> JobEnd {
    JobEnd::Failed(Box::default(), failure)
}

impl Intake {
    async fn take_in(&self, job: &Job) -> Result<JobEnd, Failure> {
        failpoint::reach("intake.claimed").await.map_err(|error| error.failure(Phase::Cloning))?;
        let SourceRequest::Git { url, git_ref } = &job.birth.source else {
            return Err(Failure::new(Phase::Cloning, Code::SourceMissing));
        };
        if job.enter(Phase::Cloning).await.is_err() {
            return Ok(JobEnd::Stopped);
        }
        let (snapshot, commit) = self.fetch(job, url, git_ref.as_ref()).await?;
        failpoint::reach("intake.fetched").await.map_err(|error| error.failure(Phase::Cloning))?;
        if job.enter(Phase::Snapshotting).await.is_err() {
            return Ok(JobEnd::Stopped);
        }
        self.store(job, &snapshot, commit).await?;
        failpoint::reach("intake.stored").await.map_err(|error| error.failure(Phase::Snapshotting))?;
        Ok(JobEnd::SourceReady)
    }

    async fn fetch(
        &self,
        job: &Job,
        url: &GitUrl,
        git_ref: Option<&GitRef>,
    ) -> Result<(Snapshot, Commit), Failure> {
        let what = git_ref.map_or_else(|| "the default branch".to_owned(), ToString::to_string);
        job.log.system(format!("Cloning {what} of {url}"));
        let fetch = GitFetch {
            url: url.clone(),
            git_ref: git_ref.cloned(),
            limits: self.limits.clone(),
            deadline: self.deadline,
            allow_private: self.allow_private.clone(),
            ca_file: self.ca_file.clone(),
        };
        let (lines, mut said) = mpsc::channel(LINES_AHEAD);
        let to_log = async {
            while let Some(line) = said.recv().await {
                job.log.write(LogStream::Git, line);
            }
        };
        let (fetched, ()) = tokio::join!(fetch_git(fetch, &self.spool, lines), to_log);
        fetched.map_err(|error| failure_of(job, &error))
    }

    async fn store(&self, job: &Job, snapshot: &Snapshot, commit: Commit) -> Result<(), Failure> {
        let info = &snapshot.info;
        for warning in &info.warnings {
            job.log.system(format!("Note: {warning}"));
        }
        job.log.system(format!("Commit {}: {} files, {} bytes", commit.sha, info.files, info.bytes));
        let stored = match self.layout {
            SnapshotLayout::Archive => store_archive(job, snapshot, commit).await,
            SnapshotLayout::Files => store_files(job, snapshot).await,
        };
        stored.map_err(|error| {
            tracing::warn!(deployment.id = %job.claim.id, %error, "the snapshot could not be stored");
            Failure::new(Phase::Snapshotting, error.code())
        })
    }
}

async fn store_archive(job: &Job, snapshot: &Snapshot, commit: Commit) -> Result<(), RecordsError> {
    let info = &snapshot.info;
    let source = SourceInfo {
        commit: Some(commit.sha),
        git_ref: commit.ref_name,
        sha256: info.sha256,
        stored_bytes: info.stored_bytes,
        bytes: info.bytes,
        files: info.files,
        warnings: info.warnings.clone(),
    };
    let body = PutBody::from_path(snapshot.path()).await?;
    job.records.store_snapshot(&job.claim.id, job.claim.number, body, &source).await
}

/// Without `source.json`: it would say that there is an archive.
async fn store_files(job: &Job, snapshot: &Snapshot) -> Result<(), RecordsError> {
    for path in loose_layout::store(&job.records, &job.claim.id, snapshot.reader()).await? {
        job.log.system(format!("Note: {path} has no place among loose files and is left out"));
    }
    Ok(())
}

fn failure_of(job: &Job, error: &SourceError) -> Failure {
    if let SourceError::Machine(cause) = error {
        tracing::error!(deployment.id = %job.claim.id, %cause, "{error}");
    }
    error.failure()
}
