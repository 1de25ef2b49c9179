//! The load: deployments of every source, cancellations, redeploys, readers of logs and sites, and garbage in the queue.
//! It stays below what the platform can do, so that a job that is stuck shows.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering::SeqCst};
use std::time::{Duration, Instant};

use anyhow::Result;
use futures_util::{StreamExt as _, stream};
use tokio::task::JoinSet;

use super::client::{Client, Source};
use super::ledger::{Broken, is_final};
use super::random::Random;
use super::site::Site;
use super::world::World;

/// Clients at once; more would only wait.
const AT_ONCE: usize = 48;
const LOOK_EVERY: Duration = Duration::from_millis(900);
/// A client that is told nothing for this long goes away; the judge does not.
const PATIENCE: Duration = Duration::from_mins(2);
/// Deployments before the first fault: some for each slot of each worker.
const WARM_UP: usize = 32;
/// Of them at once: as many as are taken in without one being told to come again.
const WARMING_AT_ONCE: usize = 8;
const REPOSITORIES: u64 = 4;

/// How much.
#[derive(Clone, Copy, Debug)]
pub(super) struct Rates {
    /// Deployments a second.
    pub(super) deployments: f64,
    /// Of them, builds in a container, a minute.
    pub(super) containers: u32,
}

/// The generator.
pub(super) struct Load {
    client: Client,
    world: Arc<World>,
    repositories: Vec<(String, Arc<Site>)>,
    rates: Rates,
    over: AtomicBool,
    pub(super) garbage: AtomicU64,
    pub(super) duplicates: AtomicU64,
}

impl Load {
    pub(super) fn new(world: &Arc<World>, rates: Rates, random: &mut Random) -> Result<Arc<Self>> {
        let mut repositories = Vec::new();
        for number in 0..REPOSITORIES {
            let site = Site::of(random);
            let name = format!("site-{number}");
            let texts = site.texts();
            let files: Vec<(&str, &str)> =
                texts.iter().map(|(name, text)| (name.as_str(), text.as_str())).collect();
            world.git.add_repo(&name, &files)?;
            repositories.push((world.git.url(&name), Arc::new(site)));
        }
        Ok(Arc::new(Self {
            client: Client::new(world)?,
            world: Arc::clone(world),
            repositories,
            rates,
            over: AtomicBool::new(false),
            garbage: AtomicU64::new(0),
            duplicates: AtomicU64::new(0),
        }))
    }

    /// Gives every process something of everything to do, so that what it keeps for good is there before the faults.
    pub(super) async fn warm_up(&self, random: &mut Random) {
        let deployments: Vec<_> = (0..WARM_UP).map(|_| Box::pin(self.one(random.fork()))).collect();
        stream::iter(deployments).buffer_unordered(WARMING_AT_ONCE).collect::<()>().await;
    }

    /// Nobody begins anything any more.
    pub(super) fn end(&self) {
        self.over.store(true, SeqCst);
    }

    /// Deploys until the end, and then waits until every client has had its answer.
    pub(super) async fn run(self: &Arc<Self>, mut random: Random) {
        let mut clients = JoinSet::new();
        let mut tick = tokio::time::interval(Duration::from_secs_f64(1.0 / self.rates.deployments));
        tick.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
        while !self.over.load(SeqCst) {
            tick.tick().await;
            while clients.try_join_next().is_some() {}
            if clients.len() < AT_ONCE {
                let (own, random) = (Arc::clone(self), random.fork());
                clients.spawn(async move { Box::pin(own.one(random)).await });
            }
            if random.chance(30) {
                self.push_garbage(&mut random);
            }
        }
        while clients.join_next().await.is_some() {}
    }

    /// One client with one deployment.
    async fn one(&self, mut random: Random) {
        let (source, site) = self.source(&mut random);
        let Some(id) = self.client.deploy(&source, &site, &mut random).await else { return };
        if random.chance(60) {
            self.push_again(&id, &mut random);
        }
        let cancelling = random.chance(if self.world.storm.load(SeqCst) { 700 } else { 80 });
        let following = random.chance(120);
        let after = random.between(Duration::ZERO, Duration::from_secs(2));
        let (mut for_cancel, mut for_log) = (random.fork(), random.fork());
        let cancel = async {
            if cancelling {
                tokio::time::sleep(after).await;
                self.client.cancel(&id, &mut for_cancel).await;
            }
        };
        let follow = async {
            if following {
                self.client.follow(&id, &mut for_log).await;
            }
        };
        tokio::join!(self.until_told(&id, &site, random), cancel, follow);
    }

    /// Polls until a final word, then visits the site once.
    async fn until_told(&self, id: &str, site: &Site, mut random: Random) {
        let started = Instant::now();
        while started.elapsed() < PATIENCE {
            let word = self.client.status(id, &mut random).await;
            if let Some(word) = word.filter(|word| is_final(word)) {
                self.visit(id, &word, site, &mut random).await;
                return;
            }
            tokio::time::sleep(LOOK_EVERY).await;
        }
    }

    async fn visit(&self, id: &str, word: &str, site: &Site, random: &mut Random) {
        let Some((path, bytes)) = random.pick(&site.files) else { return };
        let Some((status, body)) = self.client.visit(id, path, random).await else { return };
        let right = match (word, status) {
            (_, 502 | 503) => true,
            ("deployed", 200) => body == *bytes,
            ("deployed", _) => false,
            (_, status) => status != 200,
        };
        if !right {
            let what =
                format!("it is {word}, and {path} was answered with {status} and {} bytes", body.len());
            self.client.ledger.broke(Broken::Untrue, id, what);
        }
    }

    fn source(&self, random: &mut Random) -> (Source, Arc<Site>) {
        let containers = f64::from(self.rates.containers) / 60.0 / self.rates.deployments * 1000.0;
        #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a share of a thousand")]
        if random.chance(containers as u64) {
            let (project, site) = Site::built(random);
            return (
                Source::Archive { tar: project.tar().unwrap_or_default(), prebuilt: false },
                Arc::new(site),
            );
        }
        let again = if self.world.storm.load(SeqCst) { 70 } else { 18 };
        match random.below(100) {
            0..10 => {
                if let Some((url, site)) = random.pick(&self.repositories) {
                    return (Source::Git { url: url.clone() }, Arc::clone(site));
                }
            }
            share if share < again => {
                if let Some(again) = self.earlier(random) {
                    return again;
                }
            }
            _ => {}
        }
        let site = Site::of(random);
        let tar = site.tar().unwrap_or_default();
        (Source::Archive { tar, prebuilt: random.chance(700) }, Arc::new(site))
    }

    /// A deployment that was acknowledged before, deployed again.
    fn earlier(&self, random: &mut Random) -> Option<(Source, Arc<Site>)> {
        let book = self.client.ledger.book();
        let count = u64::try_from(book.entries.len()).ok()?;
        let place = usize::try_from(random.below(count)).ok()?;
        let (id, entry) = book.entries.iter().nth(place)?;
        Some((Source::Again { id: id.clone() }, Arc::clone(&entry.site)))
    }

    /// One id many times, as a producer that repeats itself would.
    fn push_again(&self, id: &str, random: &mut Random) {
        let many = 1 + random.below(20);
        for _ in 0..many {
            if !self.push(id) {
                break;
            }
            self.duplicates.fetch_add(1, SeqCst);
        }
    }

    /// What is no job.
    fn push_garbage(&self, random: &mut Random) {
        let garbage =
            ["\"\"", "../../etc/passwd", "\"{\\\"id\\\": 1}\"", "\"\\x00\\xff\\r\\n\"", "no.such.id"];
        let Some(word) = random.pick(&garbage) else { return };
        self.garbage.fetch_add(u64::from(self.push(word)), SeqCst);
    }

    /// As a stranger would. It waits for a frozen Redis, which only what else runs here can thaw.
    fn push(&self, word: &str) -> bool {
        let command = format!("LPUSH build-queue {word}");
        tokio::task::block_in_place(|| self.world.redis.raw(&command)).is_ok()
    }
}
