//! What can go wrong, and doing it.

use std::sync::Arc;
use std::time::{Duration, Instant};

use anyhow::Result;
use clap::ValueEnum;
use rustix::process::Signal;
use shipstack_testkit::HttpFault;

use super::fleet::Kind;
use super::hits::Harm;
use super::random::Random;
use super::world::{LEASE, World};

/// A worker's drain window, a freeze in the middle of it, and some more.
const DRAINED: Duration = Duration::from_secs(15);
/// Bytes of the append-only file: some hundred commands, a second of a busy platform.
const MOST_FORGOTTEN: u64 = 64 << 10;

/// A kind of fault.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, ValueEnum)]
pub(super) enum Fault {
    /// A worker is killed (SIGKILL) and started again
    KillWorker,
    /// An upload-service is killed and started again
    KillUpload,
    /// A request-service is killed and started again
    KillRequest,
    /// A worker stands still (SIGSTOP) for longer than its leases, and goes on
    FreezeWorker,
    /// An upload-service stands still for longer than its leases, and goes on
    FreezeUpload,
    /// Every process in turn is asked to end (SIGTERM) and started again
    Roll,
    /// Redis is killed and started again on its append-only file
    RedisKill,
    /// Redis stands still
    RedisFreeze,
    /// Redis is emptied
    RedisEmpty,
    /// Redis is killed, the end of its append-only file is lost, and it is started again
    RedisForget,
    /// Redis refuses writes
    RedisReadonly,
    /// Redis is out of memory
    RedisFull,
    /// Every connection to Redis is cut, several times
    Cut,
    /// Some of Redis's replies to workers are lost: it did what was asked, and nobody heard of it
    LoseWorkerReplies,
    /// Some of Redis's replies to upload-services are lost
    LoseUploadReplies,
    /// Redis's replies come late
    Delay,
    /// The workers are cut off from Redis, the upload-services are not
    Split,
    /// The network to Redis is silent
    Stall,
    /// The store answers some calls with 500
    StoreErrors,
    /// The store answers some calls with 503
    StoreBusy,
    /// The store does what it is asked and some of its answers are lost
    StoreLostReplies,
    /// The store's answers break off
    StoreCut,
    /// The store does not answer some calls
    StoreStall,
    /// The Docker engine refuses every connection of the workers
    EngineAway,
    /// The Docker engine is silent
    EngineStall,
    /// A container, of a build or a worker's proxy, is killed
    KillContainer,
    /// Redis, the store and the engine are gone for five minutes each, one after the other; only when asked for
    Away,
}

/// How long [`Fault::Away`] keeps each of the three away.
const AWAY: Duration = Duration::from_mins(5);

impl Fault {
    /// What strikes unless something else is asked for: all but the one that takes a quarter of an hour.
    pub(super) fn usual() -> Vec<Self> {
        Self::value_variants().iter().copied().filter(|fault| *fault != Self::Away).collect()
    }

    /// How long it lasts.
    pub(super) fn lasting(self, random: &mut Random) -> Duration {
        let seconds = |low: u64, high: u64, random: &mut Random| {
            random.between(Duration::from_millis(low), Duration::from_millis(high))
        };
        match self {
            Self::KillWorker | Self::KillUpload | Self::KillRequest => seconds(50, 1500, random),
            // From a little less to the time at which somebody else is in the middle of the same job.
            Self::FreezeWorker | Self::FreezeUpload => random.between(LEASE, LEASE * 2),
            Self::Roll | Self::RedisEmpty | Self::KillContainer => Duration::ZERO,
            Self::Away => AWAY,
            Self::RedisKill | Self::RedisForget => seconds(50, 2500, random),
            Self::StoreStall => seconds(1500, 4000, random),
            _ => seconds(800, 5000, random),
        }
    }

    /// The kind of process of which it strikes one.
    pub(super) fn victim(self) -> Option<Kind> {
        match self {
            Self::KillWorker | Self::FreezeWorker => Some(Kind::Worker),
            Self::KillUpload | Self::FreezeUpload => Some(Kind::Upload),
            Self::KillRequest => Some(Kind::Request),
            _ => None,
        }
    }

    /// Whether it reaches the jobs of this kind of process, when it does not strike a single one.
    pub(super) fn reaches(self, kind: Kind) -> bool {
        match self {
            Self::LoseWorkerReplies
            | Self::Split
            | Self::EngineAway
            | Self::EngineStall
            | Self::KillContainer => kind == Kind::Worker,
            Self::LoseUploadReplies => kind == Kind::Upload,
            _ => true,
        }
    }

    /// What it can do to the jobs that it reaches.
    pub(super) fn harm(self) -> Harm {
        match self {
            Self::KillRequest => Harm::None,
            Self::Roll => Harm::HandedBack,
            _ => Harm::Failed,
        }
    }

    /// Does it, and takes it away again.
    pub(super) async fn strike(
        self,
        world: &Arc<World>,
        lasting: Duration,
        (victim, mut random): (usize, Random),
    ) -> Result<()> {
        match self {
            Self::KillWorker | Self::KillUpload | Self::KillRequest => kill(world, lasting, victim).await,
            Self::FreezeWorker | Self::FreezeUpload => freeze(world, lasting, victim).await,
            Self::Roll => roll(world).await,
            Self::RedisKill => {
                world.redis.kill();
                tokio::time::sleep(lasting).await;
                world.redis.restart()
            }
            Self::RedisForget => {
                world.recorder.forget(&world.redis, random.below(MOST_FORGOTTEN))?;
                tokio::time::sleep(lasting).await;
                world.redis.restart()
            }
            Self::KillContainer => {
                super::docker::kill_one(&world.engine, &world.workers(), &mut random);
                Ok(())
            }
            Self::EngineAway => {
                world.links.engine.refuse();
                tokio::time::sleep(lasting).await;
                world.links.engine.allow();
                Ok(())
            }
            Self::EngineStall => {
                world.links.engine.stall();
                tokio::time::sleep(lasting).await;
                world.links.engine.flow();
                Ok(())
            }
            Self::Away => away(world, lasting).await,
            Self::RedisFreeze => {
                world.redis.freeze()?;
                tokio::time::sleep(lasting).await;
                world.redis.thaw()
            }
            Self::RedisEmpty => world.recorder.empty(&world.redis),
            // A replica of nobody: it has everything and takes nothing.
            Self::RedisReadonly => {
                commands(world, lasting, ["REPLICAOF 127.0.0.1 1", "REPLICAOF NO ONE"]).await
            }
            Self::RedisFull => {
                commands(world, lasting, ["CONFIG SET maxmemory 1", "CONFIG SET maxmemory 0"]).await
            }
            Self::Cut => cut(world, lasting).await,
            Self::LoseWorkerReplies | Self::LoseUploadReplies | Self::Delay | Self::Split | Self::Stall => {
                self.spoil_link(world, lasting, &mut random).await;
                Ok(())
            }
            Self::StoreErrors
            | Self::StoreBusy
            | Self::StoreLostReplies
            | Self::StoreCut
            | Self::StoreStall => {
                self.spoil_store(world, lasting, &mut random).await;
                Ok(())
            }
        }
    }

    async fn spoil_link(self, world: &World, lasting: Duration, random: &mut Random) {
        let (uploads, workers) = (&world.links.uploads, &world.links.workers);
        let share = 20 + random.below(150);
        match self {
            Self::LoseWorkerReplies => workers.lose_replies_at_random(share, random.next()),
            Self::LoseUploadReplies => uploads.lose_replies_at_random(share, random.next()),
            Self::Delay => [uploads, workers]
                .map(|link| link.delay(Duration::from_millis(share * 3)))
                .into_iter()
                .collect(),
            Self::Split => workers.refuse(),
            _ => [uploads, workers].map(shipstack_testkit::FaultProxy::stall).into_iter().collect(),
        }
        tokio::time::sleep(lasting).await;
        match self {
            Self::LoseWorkerReplies => workers.lose_replies_at_random(0, 1),
            Self::LoseUploadReplies => uploads.lose_replies_at_random(0, 1),
            Self::Delay => [uploads, workers].map(|link| link.delay(Duration::ZERO)).into_iter().collect(),
            Self::Split => workers.allow(),
            _ => [uploads, workers].map(shipstack_testkit::FaultProxy::flow).into_iter().collect(),
        }
    }

    async fn spoil_store(self, world: &World, lasting: Duration, random: &mut Random) {
        let cut_after = usize::try_from(random.below(2000)).unwrap_or(0);
        let (fault, share) = match self {
            Self::StoreErrors => (HttpFault::Status(500), 300),
            Self::StoreBusy => (HttpFault::Status(503), 700),
            Self::StoreLostReplies => (HttpFault::LoseReply, 200),
            Self::StoreCut => (HttpFault::CutAfter(cut_after), 200),
            _ => (HttpFault::Stall, 150),
        };
        let share = 20 + random.below(share);
        world.links.store.spoil_at_random(share, random.next(), fault);
        tokio::time::sleep(lasting).await;
        world.links.store.heal();
    }

    pub(super) fn name(self) -> String {
        self.to_possible_value().map(|value| value.get_name().to_owned()).unwrap_or_default()
    }
}

/// Each of the three for so long, with some time between them to get over it.
async fn away(world: &World, lasting: Duration) -> Result<()> {
    const BETWEEN: Duration = Duration::from_secs(20);
    world.redis.kill();
    tokio::time::sleep(lasting).await;
    world.redis.restart()?;
    tokio::time::sleep(BETWEEN).await;
    world.links.store.spoil_all(HttpFault::Stall);
    tokio::time::sleep(lasting).await;
    world.links.store.heal();
    tokio::time::sleep(BETWEEN).await;
    world.links.engine.refuse();
    tokio::time::sleep(lasting).await;
    world.links.engine.allow();
    Ok(())
}

async fn kill(world: &World, lasting: Duration, place: usize) -> Result<()> {
    world.fleet().kill(place)?;
    tokio::time::sleep(lasting).await;
    world.fleet().start(place)
}

async fn freeze(world: &World, lasting: Duration, place: usize) -> Result<()> {
    world.fleet().signal(place, Signal::STOP)?;
    tokio::time::sleep(lasting).await;
    world.fleet().signal(place, Signal::CONT)
}

/// One process after the other, each up again before the next one goes.
async fn roll(world: &World) -> Result<()> {
    for kind in Kind::ALL {
        let places = world.fleet().of(kind);
        for place in places {
            world.fleet().terminate(place)?;
            // Another blow may start it again meanwhile, and then it never ends.
            let started = Instant::now();
            while !world.fleet().has_ended(place) && started.elapsed() < DRAINED {
                tokio::time::sleep(Duration::from_millis(20)).await;
            }
            world.fleet().start(place)?;
        }
    }
    Ok(())
}

async fn commands(world: &World, lasting: Duration, [on, off]: [&str; 2]) -> Result<()> {
    world.redis.raw(on)?;
    tokio::time::sleep(lasting).await;
    world.redis.raw(off).map(drop)
}

async fn cut(world: &World, lasting: Duration) -> Result<()> {
    const EVERY: Duration = Duration::from_millis(250);
    let mut left = lasting;
    while !left.is_zero() {
        world.links.uploads.cut();
        world.links.workers.cut();
        tokio::time::sleep(EVERY).await;
        left = left.saturating_sub(EVERY);
    }
    Ok(())
}
