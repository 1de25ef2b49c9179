//! A worker that cannot build claims nothing, says why everywhere, and goes on by itself: the jobs are not bad, the worker is.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, clippy::panic, reason = "tests")]

mod support;

use shipstack_records::{ArchiveSource, NewDeployment, Records};
use shipstack_storage::PutBody;
use shipstack_testkit::{RedisOptions, RedisServer, wait_until};
use shipstack_types::{BuildOptions, DeploymentId, DeploymentState, Sha256Digest, SourceInfo};
use std::path::Path;
use support::{Worker, config};
use tokio::sync::{Mutex, MutexGuard};

/// One worker at a time: what it says in the metrics is of the process.
static ALONE: Mutex<()> = Mutex::const_new(());

/// Something that waits for a build. That its snapshot is none matters only to whoever claims it.
async fn waiting(records: &Records, number: u8) -> DeploymentId {
    let id = DeploymentId::from_random([number; 16]);
    let info = SourceInfo {
        commit: None,
        git_ref: None,
        sha256: Sha256Digest::of(b"snapshot"),
        stored_bytes: 8,
        bytes: 8,
        files: 1,
        warnings: Vec::new(),
    };
    let snapshot = PutBody::from(b"snapshot".to_vec());
    let source = ArchiveSource { snapshot, info, prebuilt: true, name: None };
    let build = BuildOptions::default();
    let new = NewDeployment { id: id.clone(), build, idempotency: None, traceparent: None };
    records.accept_archive(new, source).await.unwrap();
    id
}

/// A worker on a Redis of its own, and what a client sees of it.
struct Stage {
    worker: Worker,
    records: Records,
    job: DeploymentId,
    _redis: RedisServer,
    _alone: MutexGuard<'static, ()>,
}

impl Stage {
    async fn set(data: &Path, more: &[(&str, &str)]) -> Option<Self> {
        let alone = ALONE.lock().await;
        let redis = RedisServer::start_with(&RedisOptions::durable())?;
        let url = redis.url();
        let mut settings = vec![("REDIS_URL", url.as_str()), ("SHIPSTACK_BUILD_NETWORK", "bridge")];
        settings.extend(more);
        let config = config(data, &settings);
        let records = Records::connect(config.records()).await.unwrap();
        let job = waiting(&records, 1).await;
        let worker = Worker::start(config).await;
        Some(Self { worker, records, job, _redis: redis, _alone: alone })
    }

    async fn says(&self, what: &str) {
        let said = async || self.worker.builds().await["detail"].as_str().unwrap().contains(what);
        wait_until("readiness names what is wrong", said).await;
    }

    /// Says `what` in `/readyz`, the metrics and the heartbeat, and has claimed nothing until then.
    async fn is_sick(&self, code: &str, what: &str) {
        self.says(what).await;
        let builds = self.worker.builds().await;
        assert!(builds["detail"].as_str().unwrap().starts_with("nothing is claimed: "), "{builds}");
        assert!(!builds["remedy"].as_str().unwrap().is_empty(), "{builds}");
        let stopped = format!("shipstack_worker_stopped_claims{{code=\"{code}\"}} 1");
        assert!(self.worker.get("/metrics").await.1.contains(&stopped), "no {stopped}");
        let heard = async || {
            let workers = self.records.state.workers().await.unwrap();
            let mut checks = workers.iter().flat_map(|worker| &worker.presence.checks);
            checks.any(|check| check.name == "builds" && !check.ok && check.detail.contains(what))
        };
        wait_until("the heartbeat names what is wrong", heard).await;
        let job = self.records.state.job(&self.job).await.unwrap().unwrap();
        assert_eq!((job.state, job.attempt, job.build_fence), (DeploymentState::Uploaded, 0, 0));
    }

    /// The job is claimed, and nothing is said any more.
    async fn is_well(&self) {
        let claimed =
            async || self.records.state.job(&self.job).await.unwrap().is_none_or(|job| job.build_fence > 0);
        wait_until("the job is claimed", claimed).await;
        self.says("are ready").await;
        let text = self.worker.get("/metrics").await.1;
        let stopped = |line: &&str| line.starts_with("shipstack_worker_stopped_claims");
        assert!(text.lines().filter(stopped).all(|line| line.ends_with(" 0")), "{text}");
    }
}

mod real_redis {
    use super::*;
    use crate::support::docker::{Is, OutlineOfDocker};
    use shipstack_testkit::SmallDisk;

    #[tokio::test(flavor = "multi_thread")]
    async fn without_an_engine_or_without_its_image_or_with_a_full_disk_a_worker_claims_nothing() {
        const LEAST: u64 = 4 << 20;
        let (Some(disk), docker) = (SmallDisk::mount(8 << 20), OutlineOfDocker::start()) else { return };
        let settings = [("DOCKER_HOST", docker.host()), ("SHIPSTACK_MIN_FREE_DISK", "4MiB")];
        let Some(stage) = Stage::set(disk.path(), &settings).await else { return };
        stage.is_sick("engine_unavailable", "the engine does not answer").await;
        disk.resize(LEAST).unwrap();
        docker.answers(Is::So);
        stage.is_sick("image_missing", "the builder image shipstack/builder:dev is").await;
        docker.has_image(Is::So);
        stage.is_sick("disk_full", "the disk of the data folder is nearly full").await;
        disk.resize(2 * LEAST).unwrap();
        stage.is_well().await;
        docker.answers(Is::Not);
        stage.says("the engine does not answer").await;
        docker.answers(Is::So);
        stage.is_well().await;
        stage.worker.stop().await;
    }
}

mod real_docker {
    use super::*;
    use shipstack_testkit::{DockerEngine, ImageName, ServiceFolder};
    use std::time::{Duration, Instant};

    /// In which a worker looks at its engine twice, and one that claims has claimed.
    const TWO_LOOKS: Duration = Duration::from_secs(5);

    #[tokio::test(flavor = "multi_thread")]
    async fn a_worker_whose_image_is_gone_between_two_jobs_claims_nothing_until_it_is_back() {
        let Some(engine) = DockerEngine::start() else { return };
        let Some(image) = ImageName::give(&engine, shipstack_engine::DEFAULT_IMAGE) else { return };
        let data = ServiceFolder::new().unwrap();
        let settings = [("DOCKER_HOST", engine.host()), ("SHIPSTACK_BUILD_IMAGE", image.name())];
        let Some(mut stage) = Stage::set(data.path(), &settings).await else { return };
        stage.is_well().await;
        image.take_away().unwrap();
        let gone = format!("the builder image {} is ", image.name());
        stage.says(&gone).await;
        stage.job = waiting(&stage.records, 2).await;
        let since = Instant::now();
        wait_until("it has looked twice", async || since.elapsed() > TWO_LOOKS).await;
        stage.is_sick("image_missing", &gone).await;
        image.give_back().unwrap();
        stage.is_well().await;
        stage.worker.stop().await;
    }
}
