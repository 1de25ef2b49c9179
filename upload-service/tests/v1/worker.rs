//! A worker without Docker: it takes jobs as the real one does and ends them as the test says.

use crate::support::Api;
use shipstack_records::{BuildReport, Handler, Job, JobEnd, RunnerConfig, run_queue};
use shipstack_service::CancellationToken;
use shipstack_storage::{ObjectKey, PutBody};
use shipstack_types::{
    Code, Failure, LogStream, Manifest, ManifestEntry, Phase, Published, QueueName, Sha256Digest, SiteRules,
};
use std::sync::Arc;
use std::time::Duration;
use tokio::task::JoinHandle;

/// What happens to every job.
pub(crate) enum Does {
    /// These files are published: path, content type, bytes.
    Publishes(&'static [(&'static str, &'static str, &'static [u8])]),
    Fails,
    /// It lasts until somebody stops it.
    Lasts,
    /// It does not even stop when it is told to, but when the test lets it go.
    Hangs(CancellationToken),
}

/// A page, and a script under a name that has to be escaped.
pub(crate) const SITE: &[(&str, &str, &[u8])] = &[
    ("assets/a b%41\u{e4}.js", "text/javascript; charset=utf-8", b"alert(document.cookie)"),
    ("index.html", "text/html; charset=utf-8", b"<script>alert(document.domain)</script>"),
];

pub(crate) struct Worker {
    stop: CancellationToken,
    running: JoinHandle<()>,
}

impl Worker {
    pub(crate) fn start(api: &Api, does: Does) -> Self {
        let stop = CancellationToken::new();
        let config = RunnerConfig {
            take: shipstack_records::Take::Forever,
            slots: 4,
            drain: Duration::from_millis(1),
            log_bytes: 1 << 20,
            soft: stop.clone(),
            hard: stop.clone(),
            ready: tokio::sync::watch::channel(true).1,
        };
        let work = run_queue(api.records.clone(), Arc::new(Scripted(does)), config);
        Self { stop, running: tokio::spawn(async move { work.await.unwrap() }) }
    }

    pub(crate) async fn stop(self) {
        self.stop.cancel();
        self.running.await.unwrap();
    }
}

struct Scripted(Does);

impl Handler for Scripted {
    const QUEUE: QueueName = QueueName::Build;

    async fn run(&self, job: Arc<Job>) -> JobEnd {
        job.log.write(LogStream::Stdout, "taken".to_owned());
        match &self.0 {
            Does::Publishes(files) => JobEnd::Finished(Box::new(publish(&job, files).await)),
            Does::Fails => JobEnd::Failed(
                Box::default(),
                Failure::new(Phase::Building, Code::BuildFailed).message("Oh no."),
            ),
            Does::Lasts => {
                job.stopped().cancelled().await;
                JobEnd::Stopped
            }
            Does::Hangs(let_go) => {
                let_go.cancelled().await;
                JobEnd::Stopped
            }
        }
    }
}

async fn publish(job: &Job, files: &[(&str, &str, &[u8])]) -> BuildReport {
    let (id, claim) = (job.claim.id.clone(), job.claim.number);
    let mut entries = Vec::new();
    for (path, content_type, bytes) in files {
        let path: shipstack_types::RelPath = path.parse().unwrap();
        let key = ObjectKey::Artifact { id: id.clone(), claim, path: path.clone() };
        job.records.store.put(&key, PutBody::from(bytes.to_vec()), Some(content_type)).await.unwrap();
        let (bytes, sha256) = (bytes.len() as u64, Sha256Digest::of(bytes));
        entries.push(ManifestEntry { path, bytes, sha256, content_type: (*content_type).to_owned() });
    }
    let manifest = Manifest::new(entries, SiteRules::default());
    let key = ObjectKey::Manifest { id, claim };
    job.records.write_record(&key, &manifest).await.unwrap();
    let published = Published {
        claim,
        manifest_key: key.to_string(),
        root: manifest.root,
        files: manifest.entries.len() as u64,
        bytes: manifest.total_bytes(),
    };
    BuildReport { published: Some(published), source_claim: job.claim.source_claim, ..BuildReport::default() }
}
