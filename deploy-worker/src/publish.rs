//! Artifacts into the store, many at once while the rest is still being read; then the manifest, after all of them.

use crate::halt::{Halt, Step};
use crate::output::{Collector, LinkedCopy, OutputError, OutputFile, OutputSummary, Told, resolve_links};
use futures_util::{StreamExt, TryStreamExt, stream};
use shipstack_records::{Job, RecordsError};
use shipstack_rules::content_type;
use shipstack_service::failpoint::{self, Injected};
use shipstack_storage::{ObjectKey, PutBody, Store, StoreError};
use shipstack_types::{
    ClaimNumber, Code, DeploymentId, Failure, Manifest, ManifestEntry, OutputLimits, Phase, Published,
    RelPath, SiteRules,
};
use std::time::Duration;
use tokio::sync::mpsc;
use tokio::task::JoinHandle;

/// Uploads in flight: hides the store's latency without holding more than some MiB.
const UPLOADS: usize = 16;
/// Variables that are named because the site tells their values.
const WARNINGS: usize = 10;
/// Files read ahead of the uploads.
const READ_AHEAD: usize = 16;

/// Publishes one build claim's artifacts.
pub(crate) struct Publisher<'a> {
    pub(crate) job: &'a Job,
    pub(crate) limits: &'a OutputLimits,
    /// For the uploads and the manifest, from the end of reading on.
    pub(crate) timeout: Duration,
}

/// What reads the output, on a blocking thread, and hands each file to the collector.
pub(crate) type ReadOutput = Box<dyn FnOnce(Collector) -> Result<OutputSummary, OutputError> + Send>;

impl Publisher<'_> {
    /// Reads, checks, uploads, and writes the manifest; only the result will make it visible.
    pub(crate) async fn publish(&self, read: ReadOutput, rules: SiteRules) -> Step<Published> {
        let (sender, receiver) = mpsc::channel(READ_AHEAD);
        let collector = Collector::new(self.limits.clone(), self.job.log.hidden(), sender);
        let reading = tokio::task::spawn_blocking(move || read(collector));
        let entries = self.upload(receiver).await;
        let summary = self.summary(reading).await?;
        let mut entries = entries.map_err(|error| store_halt(&error))?;
        self.job.enter(Phase::Storing).await?;
        let rest = self.finish(&summary, &mut entries, rules);
        tokio::time::timeout(self.timeout, rest).await.map_err(|_| self.too_slow())?
    }

    async fn finish(
        &self,
        summary: &OutputSummary,
        entries: &mut Vec<ManifestEntry>,
        rules: SiteRules,
    ) -> Step<Published> {
        self.copy_links(summary, entries).await?;
        if entries.is_empty() {
            return Err(Failure::new(Phase::Collecting, Code::OutputEmpty).into());
        }
        self.say(summary, entries);
        let manifest = Manifest::new(std::mem::take(entries), rules);
        self.write_manifest(&manifest).await
    }

    async fn upload(&self, files: mpsc::Receiver<OutputFile>) -> Result<Vec<ManifestEntry>, StoreError> {
        let files = stream::unfold(files, next_file);
        files.map(|file| self.upload_one(file)).buffer_unordered(UPLOADS).try_collect().await
    }

    async fn upload_one(&self, file: OutputFile) -> Result<ManifestEntry, StoreError> {
        failpoint::reach("upload").await.map_err(|error| away(&file.path, error))?;
        let content_type = content_type(file.path.as_str()).into_owned();
        let key = self.key(file.path.clone());
        self.store().put(&key, file.body, Some(&content_type)).await?;
        Ok(ManifestEntry { path: file.path, bytes: file.bytes, sha256: file.sha256, content_type })
    }

    /// The reader's own verdict comes first: an upload that was cut short by it is not the store's fault.
    async fn summary(&self, reading: JoinHandle<Result<OutputSummary, OutputError>>) -> Step<OutputSummary> {
        match reading.await {
            Ok(Ok(summary)) => Ok(summary),
            Ok(Err(OutputError::Refused { what })) => {
                Err(Failure::new(Phase::Collecting, Code::OutputRefused)
                    .message(format!("The output cannot be published: {what}.")))?
            }
            // The uploads ended first; their error is told by the caller.
            Ok(Err(OutputError::Abandoned)) => Ok(OutputSummary::default()),
            Ok(Err(OutputError::Read(error))) => Err(unreadable(&error)),
            Err(error) => Err(unreadable(&error)),
        }
    }

    async fn copy_links(&self, summary: &OutputSummary, entries: &mut Vec<ManifestEntry>) -> Step<()> {
        let room = self.limits.files.saturating_sub(entries.len() as u64);
        let copies = resolve_links(summary, entries, room).map_err(|error| {
            Failure::new(Phase::Collecting, Code::OutputRefused)
                .message(format!("The output cannot be published: {error}."))
        })?;
        let linked: Vec<ManifestEntry> = stream::iter(copies)
            .map(|copy| self.copy(copy))
            .buffer_unordered(UPLOADS)
            .try_collect()
            .await
            .map_err(|error: StoreError| store_halt(&error))?;
        entries.extend(linked);
        Ok(())
    }

    async fn copy(&self, copy: LinkedCopy) -> Result<ManifestEntry, StoreError> {
        let content_type = content_type(copy.path.as_str()).into_owned();
        let (from, to) = (self.key(copy.of.path.clone()), self.key(copy.path.clone()));
        // Read back what was stored a moment ago: there is no local copy of a file any more.
        let bytes = self.store().read(&from, copy.of.bytes).await?.unwrap_or_default();
        self.store().put(&to, PutBody::Bytes(bytes), Some(&content_type)).await?;
        Ok(ManifestEntry { path: copy.path, content_type, ..copy.of })
    }

    async fn write_manifest(&self, manifest: &Manifest) -> Step<Published> {
        let key = ObjectKey::Manifest { id: self.id().clone(), claim: self.claim() };
        self.job.records.write_record(&key, manifest).await.map_err(Halt::from)?;
        Ok(Published {
            claim: self.claim(),
            manifest_key: key.to_string(),
            root: manifest.root,
            files: manifest.entries.len() as u64,
            bytes: manifest.total_bytes(),
        })
    }

    /// What other platforms would apply and this one does not, yet.
    fn say_not_applied(&self, entries: &[ManifestEntry]) {
        for name in ["_redirects", "_headers"] {
            if entries.iter().any(|entry| entry.path.as_str() == name) {
                self.job
                    .log
                    .system(format!("Note: {name} is published as a file; its rules are not applied."));
            }
        }
    }

    /// A warning for each variable whose value the site tells: nothing marks a secret, so it may be none.
    fn say_told(&self, summary: &OutputSummary) {
        for (variable, Told { first, files }) in summary.told.iter().take(WARNINGS) {
            let holds = match files - 1 {
                0 => format!("{first} holds"),
                1 => format!("{first} and one more file hold"),
                more => format!("{first} and {more} more files hold"),
            };
            self.job.log.system(format!(
                "Warning: {holds} the value of {variable}, or a line of it, for every visitor to read. If it is a secret, \
                 replace it."
            ));
        }
        let more = summary.told.len().saturating_sub(WARNINGS);
        if more > 0 {
            self.job.log.system(format!("Warning: so are the values of {more} more variables."));
        }
    }

    fn say(&self, summary: &OutputSummary, entries: &[ManifestEntry]) {
        let bytes: u64 = entries.iter().map(|entry| entry.bytes).sum();
        let log = &self.job.log;
        if let Some(first) = &summary.first_left_out {
            log.system(format!(
                "{} names that begin with a dot are not published, the first is {first}.",
                summary.left_out
            ));
        }
        if !entries.iter().any(|entry| entry.path.as_str() == "index.html") {
            log.system("There is no index.html at the top: / will answer 404.");
        }
        self.say_not_applied(entries);
        self.say_told(summary);
        let plural = if entries.len() == 1 { "" } else { "s" };
        log.system(format!("Published {} file{plural}, {bytes} bytes.", entries.len()));
    }

    fn too_slow(&self) -> Halt {
        let message = format!("Storing the site took longer than {} s.", self.timeout.as_secs());
        Failure::new(Phase::Storing, Code::PublishTimeout).message(message).into()
    }

    fn key(&self, path: RelPath) -> ObjectKey {
        ObjectKey::Artifact { id: self.id().clone(), claim: self.claim(), path }
    }

    fn store(&self) -> &Store {
        &self.job.records.store
    }

    fn id(&self) -> &DeploymentId {
        &self.job.claim.id
    }

    fn claim(&self) -> ClaimNumber {
        self.job.claim.number
    }
}

async fn next_file(
    mut files: mpsc::Receiver<OutputFile>,
) -> Option<(OutputFile, mpsc::Receiver<OutputFile>)> {
    let file = files.recv().await?;
    Some((file, files))
}

fn away(path: &RelPath, error: Injected) -> StoreError {
    StoreError::Unavailable { key: path.to_string(), source: error.into() }
}

fn store_halt(error: &StoreError) -> Halt {
    tracing::warn!(%error, "the store failed while publishing");
    Failure::new(Phase::Storing, error.code()).into()
}

fn unreadable(error: &dyn std::error::Error) -> Halt {
    tracing::warn!(%error, "the output could not be read");
    Failure::new(Phase::Collecting, Code::EngineUnavailable).into()
}

impl From<RecordsError> for Halt {
    fn from(error: RecordsError) -> Self {
        match error {
            RecordsError::State(shipstack_state::StateError::LeaseLost { .. }) => Self::Stopped,
            error => Failure::new(Phase::Storing, error.code()).into(),
        }
    }
}
