//! The platform under chaos: real servers, the proxies before them, the processes, and who watches.

use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering::SeqCst};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use anyhow::{Context as _, Result};
use shipstack_testkit::{
    Bucket, DockerEngine, FaultProxy, GitServer, HttpFaultProxy, ImageName, RedisOptions, RedisServer,
    SeaweedFs,
};
use tempfile::TempDir;

use super::disks::Disks;
use super::fleet::{Everything, Fleet, Ground, Kind};
use super::hits::{Hits, Millis, now};
use super::ledger::Ledger;
use super::recorder::Recorder;
use crate::machine::{self, Docker, OwnEngine};

/// Short, so that much happens in a minute.
pub(super) const LEASE: Duration = Duration::from_secs(4);
const UPLOADS: usize = 2;
const WORKERS: usize = 4;
const REQUESTS: usize = 2;
/// Processes in all.
pub(super) const PROCESSES: usize = UPLOADS + WORKERS + REQUESTS;
/// Some jobs take a second or two without a container, so that faults hit them in the middle.
pub(super) const SLOWED: &str = "download=pause:400@80,upload=pause:1500@60,decide=pause:600@40,settle=pause:600@40,\
                      intake.fetched=pause:800@100,intake.stored=pause:800@100";
const START: Duration = Duration::from_mins(1);

/// What is between the processes and the servers.
pub(super) struct Links {
    pub(super) uploads: FaultProxy,
    pub(super) workers: FaultProxy,
    pub(super) store: HttpFaultProxy,
    /// From the workers to the Docker engine.
    pub(super) engine: FaultProxy,
}

/// Everything that runs; gone when dropped.
pub(super) struct World {
    // Dropped in this order: processes first, then what they talk to.
    pub(super) fleet: Mutex<Fleet>,
    pub(super) recorder: Recorder,
    pub(super) links: Links,
    pub(super) redis: Arc<RedisServer>,
    pub(super) bucket: Arc<Bucket>,
    pub(super) git: GitServer,
    /// Where the Docker engine is, past the link that breaks.
    pub(super) engine: String,
    /// The engine itself, if this run started it.
    pub(super) own_engine: Option<OwnEngine>,
    /// The builder image, by a name that only these workers know.
    pub(super) image: ImageName,
    pub(super) ledger: Ledger,
    /// What struck it so far.
    pub(super) hits: Hits,
    pub(super) began: Millis,
    http: reqwest::Client,
    /// Whether nothing strikes that a client may notice.
    pub(super) gentle: bool,
    /// Whether clients cancel and deploy again as much as they can.
    pub(super) storm: AtomicBool,
    pub(super) folder: TempDir,
    pub(super) s3: Arc<SeaweedFs>,
    /// What it all is on; none where mounting is not allowed.
    pub(super) disks: Option<Disks>,
}

/// What a platform is started with.
#[derive(Debug, Default)]
pub(super) struct Start {
    /// Disks that can be full.
    pub(super) disks: Option<Disks>,
    /// The programs of another version, to begin with.
    pub(super) previous: Option<PathBuf>,
    /// Whether nothing strikes that a client may notice.
    pub(super) gentle: bool,
}

/// What is different from a platform as it is meant to be.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Variant {
    /// Nets that are taken away.
    pub(super) without: &'static str,
    /// Other settings.
    pub(super) settings: &'static [(&'static str, &'static str)],
}

impl World {
    pub(super) async fn start(docker: &Docker, variant: Variant, ground: Start) -> Result<Self> {
        let Start { disks, previous, gentle } = ground;
        let weed = machine::ensure_weed().await?;
        let elsewhere = std::env::temp_dir();
        let store = disks.as_ref().map_or(elsewhere.as_path(), |disks| disks.store.path());
        let s3 = Arc::new(SeaweedFs::start_in(&weed, store)?);
        let bucket = Arc::new(Bucket::create(Arc::clone(&s3))?);
        let redis = Arc::new(RedisServer::try_start(&RedisOptions {
            base: disks.as_ref().map(|disks| disks.redis.path().to_owned()),
            ..RedisOptions::as_deployed()
        })?);
        let links = Links {
            uploads: FaultProxy::start(redis.upstream())?,
            workers: FaultProxy::start(redis.upstream())?,
            store: HttpFaultProxy::start(bucket.address()?)?,
            engine: FaultProxy::start(DockerEngine::upstream_of(docker.host())?)?,
        };
        let recorder = Recorder::start(&redis, &bucket);
        let world = Self {
            fleet: Mutex::default(),
            recorder,
            links,
            redis,
            bucket,
            git: GitServer::start()?,
            engine: docker.host().to_owned(),
            own_engine: docker.own(),
            image: ImageName::try_give(docker.host(), machine::BUILDER_IMAGE)?,
            ledger: Ledger::default(),
            hits: Hits::default(),
            began: now(),
            folder: tempfile::Builder::new().prefix("shipstack-chaos-").tempdir()?,
            http: reqwest::Client::builder().no_proxy().pool_max_idle_per_host(0).build()?,
            gentle,
            storm: AtomicBool::new(false),
            s3,
            disks,
        };
        world.spawn(variant, previous.as_deref())?;
        world.ready().await?;
        Ok(world)
    }

    fn spawn(&self, variant: Variant, previous: Option<&Path>) -> Result<()> {
        let disks = self.disks.as_ref().map_or(&[][..], |disks| disks.fleet.as_slice());
        let ground = Ground { base: self.folder.path(), disks, previous };
        for (kind, count) in [(Kind::Upload, UPLOADS), (Kind::Worker, WORKERS), (Kind::Request, REQUESTS)] {
            let mut settings = self.settings(kind);
            settings.push(("SHIPSTACK_CHAOS_WITHOUT".to_owned(), variant.without.to_owned()));
            settings.extend(
                variant.settings.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())),
            );
            for _ in 0..count {
                self.fleet().add(kind, ground, &settings)?;
            }
        }
        Ok(())
    }

    fn settings(&self, kind: Kind) -> Vec<(String, String)> {
        let redis = match kind {
            Kind::Worker => self.links.workers.redis_url(),
            Kind::Upload | Kind::Request => self.links.uploads.redis_url(),
        };
        let set = |name: &str, value: &str| (name.to_owned(), value.to_owned());
        let mut settings = self.stores(&redis, &self.links.store.url());
        settings.extend([
            set("SHIPSTACK_LEASE", &format!("{}s", LEASE.as_secs())),
            set("SHIPSTACK_LOG_FORMAT", "json"),
            set("SHIPSTACK_LOG", "info"),
            set("SHIPSTACK_FAILPOINTS", SLOWED),
        ]);
        match kind {
            Kind::Upload => settings.push(set("SHIPSTACK_ALLOW_PRIVATE_GIT_HOSTS", &self.git.host())),
            Kind::Worker => settings.extend([
                set("DOCKER_HOST", &format!("tcp://{}", self.links.engine.address())),
                set("SHIPSTACK_BUILD_IMAGE", self.image.name()),
                set("SHIPSTACK_BUILD_SLOTS", "4"),
                set("SHIPSTACK_BUILD_NETWORK", "none"),
                set("SHIPSTACK_DRAIN", "5s"),
            ]),
            // Full long before the end: what memory grows by is no cache.
            Kind::Request => settings.push(set("SHIPSTACK_CACHE_SIZE", "3MiB")),
        }
        settings
    }

    /// Where Redis and the bucket are.
    pub(super) fn stores(&self, redis: &str, endpoint: &str) -> Vec<(String, String)> {
        let values = [
            ("REDIS_URL", redis),
            ("AWS_ENDPOINT_URL", endpoint),
            ("AWS_BUCKET", self.bucket.name()),
            ("AWS_REGION", SeaweedFs::REGION),
            ("AWS_ACCESS_KEY_ID", SeaweedFs::KEY),
            ("AWS_SECRET_ACCESS_KEY", SeaweedFs::SECRET),
        ];
        values.map(|(name, value)| (name.to_owned(), value.to_owned())).to_vec()
    }

    async fn ready(&self) -> Result<()> {
        let urls: Vec<String> = Kind::ALL.into_iter().flat_map(|kind| self.fleet().urls(kind)).collect();
        let all = futures_util::future::join_all(urls.iter().map(|url| self.answers(url)));
        let came = tokio::time::timeout(START, all).await;
        came.map(drop).with_context(|| format!("the platform does not become ready; logs:\n{}", self.tails()))
    }

    /// Returns when that process is ready.
    pub(super) async fn answers(&self, url: &str) {
        // What serves sites answers this as any other path.
        let url = format!("{url}/readyz");
        let asked = || self.http.get(&url).timeout(Duration::from_secs(5)).send();
        while !asked().await.is_ok_and(|answer| answer.status().as_u16() < 500) {
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    }

    pub(super) fn fleet(&self) -> MutexGuard<'_, Fleet> {
        self.fleet.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Takes every fault away.
    pub(super) fn heal(&self) {
        for link in [&self.links.uploads, &self.links.workers, &self.links.engine] {
            link.allow();
            link.flow();
            link.delay(Duration::ZERO);
            link.lose_replies_at_random(0, 1);
        }
        self.links.store.heal();
        self.storm.store(false, SeqCst);
        let _told_by_the_judge = self.image.give_back();
        self.disks.iter().for_each(Disks::release);
        let _runs = self.redis.thaw();
        if self.redis.raw("PING").is_err() {
            let _told_by_the_judge = self.redis.restart();
        }
        for command in ["CONFIG SET maxmemory 0", "REPLICAOF NO ONE"] {
            let _told_by_the_judge = self.redis.raw(command);
        }
        let mut fleet = self.fleet();
        fleet.thaw_all();
        fleet.set_clocks();
        fleet.mend(Everything::Yes);
    }

    fn tails(&self) -> String {
        let outputs = self.fleet().outputs();
        let tail = |output: String| {
            let lines: Vec<&str> = output.lines().rev().take(3).collect();
            lines.into_iter().rev().collect::<Vec<_>>().join("\n")
        };
        outputs.into_iter().map(tail).collect::<Vec<_>>().join("\n--\n")
    }

    /// Copies what all processes printed to a place that stays.
    pub(super) fn keep_logs(&self, to: &std::path::Path) -> Result<()> {
        for folder in self.fleet().folders() {
            let name: PathBuf = folder.file_name().map(PathBuf::from).unwrap_or_default();
            std::fs::create_dir_all(to)?;
            std::fs::copy(folder.join("log"), to.join(name.with_extension("log")))?;
        }
        Ok(())
    }

    /// Names of the workers that ever ran, as they said themselves.
    pub(super) fn workers(&self) -> Vec<String> {
        self.workers_by_place().into_iter().flatten().collect()
    }

    /// The same for each process of the fleet: a worker that is started again is another one.
    pub(super) fn workers_by_place(&self) -> Vec<Vec<String>> {
        let names = |output: String| {
            let said = output.split("deploy-worker is ready on ").skip(1);
            said.filter_map(|rest| rest.split(['"', ' ', '\n']).next()).map(str::to_owned).collect()
        };
        self.fleet().outputs().into_iter().map(names).collect()
    }
}

impl Drop for World {
    /// Stops it as an operator would; what was killed with a container running leaves that to nobody else.
    fn drop(&mut self) {
        let workers = self.workers();
        self.fleet().thaw_all();
        self.fleet().stop(Duration::from_secs(3));
        super::docker::remove(&self.engine, &workers);
    }
}
