//! What can go wrong, whom it strikes, what it may cost, and doing it.

mod away;
mod links;
mod processes;
mod servers;

use std::sync::Arc;
use std::sync::atomic::Ordering::SeqCst;
use std::time::Duration;

use anyhow::Result;
use clap::ValueEnum;

use super::docker;
use super::fleet::Kind;
use super::hits::Harm;
use super::random::Random;
use super::world::{LEASE, World};

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
    /// A request-service stands still, and goes on
    FreezeRequest,
    /// A worker or an upload-service ends without a word at a step of a job, and is started again
    DieAtStep,
    /// What a worker or an upload-service does at a step of some jobs panics, and the process goes on
    PanicAtStep,
    /// What a worker or an upload-service does at a step of some jobs fails
    ErrorAtStep,
    /// A worker or an upload-service stands still at a step of a job for longer than its lease, and goes on
    FreezeAtStep,
    /// A worker is asked to end twice, gives its jobs back at once, and is started again
    StopTwice,
    /// The disk of a worker or an upload-service is full, of bytes or of files
    FullDisk,
    /// A process may open nothing more: no file, no connection
    FewDescriptors,
    /// The clock of a process jumps an hour ahead or back, and is right again
    ClockJump,
    /// Every process in turn is asked to end (SIGTERM) and started again
    Roll,
    /// Every process in turn is asked to end and replaced by the other version (`--from`)
    Upgrade,
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
    /// Redis's disk is full
    RedisFullDisk,
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
    /// The store forbids some calls (403)
    StoreForbidden,
    /// Something before the store answers some calls with 404, also for what is there
    StoreMissing,
    /// The store does what it is asked and some of its answers are lost
    StoreLostReplies,
    /// The store's answers break off
    StoreCut,
    /// The store does not answer some calls
    StoreStall,
    /// The store's disk is full; only when asked for
    StoreFullDisk,
    /// The Docker engine refuses every connection of the workers
    EngineAway,
    /// The Docker engine is silent
    EngineStall,
    /// The Docker engine is killed (SIGKILL) and started again; only one that this run has started
    EngineKill,
    /// There is no builder image by the name that the workers know, and then there is again
    ImageGone,
    /// A container, of a build or a worker's proxy, is killed
    KillContainer,
    /// A container stands still, and goes on
    PauseContainer,
    /// A container is removed
    RemoveContainer,
    /// Clients deploy again and cancel all that they can
    Storm,
    /// Redis, the store and the engine are gone for five seconds each, one after the other; what a run begins with
    BrieflyAway,
    /// The same for five minutes each; only when asked for
    Away,
}

/// How long each of the three is away.
const AWAY: Duration = Duration::from_mins(5);
const BRIEFLY_AWAY: Duration = Duration::from_secs(5);

impl Fault {
    /// What strikes unless something else is asked for: all but the one that takes a quarter of an hour, the one that needs
    /// another version, the one that others feel, and the one after which the store itself may have lost what it took.
    pub(super) fn usual() -> Vec<Self> {
        // Who shares the engine of a run, as `cargo xtask test` does, would feel it being killed. SeaweedFS on a full disk
        // sometimes acknowledges an object that it cannot give back afterwards, which nobody above it can mend.
        let unusual = [Self::Away, Self::Upgrade, Self::EngineKill, Self::StoreFullDisk];
        Self::value_variants().iter().copied().filter(|fault| !unusual.contains(fault)).collect()
    }

    /// Whether clients need not notice it at all.
    pub(super) fn is_gentle(self) -> bool {
        matches!(self, Self::Roll | Self::Upgrade | Self::StopTwice | Self::ClockJump | Self::Storm)
    }

    /// How long it lasts.
    pub(super) fn lasting(self, random: &mut Random) -> Duration {
        let seconds = |low: u64, high: u64, random: &mut Random| {
            random.between(Duration::from_millis(low), Duration::from_millis(high))
        };
        match self {
            Self::KillWorker | Self::KillUpload | Self::KillRequest => seconds(50, 1500, random),
            // From a little less to the time at which somebody else is in the middle of the same job.
            Self::FreezeWorker | Self::FreezeUpload | Self::FreezeAtStep => random.between(LEASE, LEASE * 2),
            Self::Roll
            | Self::Upgrade
            | Self::StopTwice
            | Self::RedisEmpty
            | Self::KillContainer
            | Self::RemoveContainer => Duration::ZERO,
            // Until the next job of that process is at that step.
            Self::DieAtStep | Self::PanicAtStep | Self::ErrorAtStep => seconds(2000, 5000, random),
            Self::Away => AWAY,
            Self::BrieflyAway => BRIEFLY_AWAY,
            Self::RedisKill | Self::RedisForget | Self::EngineKill => seconds(50, 2500, random),
            Self::StoreStall => seconds(1500, 4000, random),
            // A worker looks every two seconds, and what it has claimed until then still asks for the image.
            Self::ImageGone => seconds(1000, 7000, random),
            _ => seconds(800, 5000, random),
        }
    }

    /// How long a blow takes that lasts so long each time it takes something away.
    pub(super) fn in_all(self, lasting: Duration) -> Duration {
        match self {
            Self::Away | Self::BrieflyAway => away::in_all(lasting),
            Self::FreezeAtStep => processes::UNTIL_A_STEP + lasting,
            _ => lasting,
        }
    }

    /// Whether servers are gone altogether, and what visitors know is to be served all the while.
    pub(super) fn is_absence(self) -> bool {
        matches!(self, Self::Away | Self::BrieflyAway)
    }

    /// Of which kinds it strikes one process; none when it strikes what all of them need.
    pub(super) fn victims(self) -> &'static [Kind] {
        match self {
            Self::KillWorker | Self::FreezeWorker | Self::StopTwice => &[Kind::Worker],
            Self::KillUpload | Self::FreezeUpload => &[Kind::Upload],
            Self::KillRequest | Self::FreezeRequest => &[Kind::Request],
            Self::DieAtStep | Self::PanicAtStep | Self::ErrorAtStep | Self::FreezeAtStep | Self::FullDisk => {
                &[Kind::Upload, Kind::Worker]
            }
            Self::FewDescriptors | Self::ClockJump => &Kind::ALL,
            _ => &[],
        }
    }

    /// Whether it needs disks of the harness's own.
    pub(super) fn needs_disks(self) -> bool {
        matches!(self, Self::FullDisk | Self::RedisFullDisk | Self::StoreFullDisk)
    }

    /// Whether it needs a Docker engine of the harness's own.
    pub(super) fn needs_an_engine(self) -> bool {
        self == Self::EngineKill
    }

    /// Whether it reaches the jobs of this kind of process, when it does not strike a single one.
    pub(super) fn reaches(self, kind: Kind) -> bool {
        match self {
            Self::LoseWorkerReplies
            | Self::Split
            | Self::EngineAway
            | Self::EngineStall
            | Self::EngineKill
            | Self::ImageGone
            | Self::KillContainer
            | Self::PauseContainer
            | Self::RemoveContainer => kind == Kind::Worker,
            Self::LoseUploadReplies => kind == Kind::Upload,
            _ => true,
        }
    }

    /// What it can do to the jobs that it reaches.
    pub(super) fn harm(self) -> Harm {
        match self {
            // Leases go by Redis's time, and what a process does itself by a clock that only moves forward.
            Self::KillRequest | Self::FreezeRequest | Self::ClockJump | Self::Storm => Harm::None,
            Self::Roll | Self::Upgrade | Self::StopTwice => Harm::HandedBack,
            _ => Harm::Attempt,
        }
    }

    /// Whether Redis has less afterwards than it said it had.
    pub(super) fn forgets(self) -> bool {
        matches!(self, Self::RedisEmpty | Self::RedisForget)
    }

    /// Does it, to the process at that place if it strikes one, and takes it away again.
    pub(super) async fn strike(
        self,
        world: &Arc<World>,
        lasting: Duration,
        (place, mut random): (usize, Random),
    ) -> Result<()> {
        match self {
            Self::KillWorker | Self::KillUpload | Self::KillRequest => {
                processes::kill(world, lasting, place).await
            }
            Self::FreezeWorker | Self::FreezeUpload | Self::FreezeRequest => {
                processes::freeze(world, lasting, place).await
            }
            Self::Roll | Self::Upgrade => processes::roll(world, self).await,
            Self::DieAtStep => processes::fail_at_step(world, lasting, "abort", (place, random)).await,
            Self::PanicAtStep => processes::fail_at_step(world, lasting, "panic@500", (place, random)).await,
            Self::ErrorAtStep => processes::fail_at_step(world, lasting, "error@500", (place, random)).await,
            Self::FreezeAtStep => processes::freeze_at_step(world, lasting, (place, random)).await,
            Self::StopTwice => processes::stop_twice(world, place).await,
            Self::FewDescriptors => processes::few_descriptors(world, lasting, place).await,
            Self::ClockJump => processes::jump(world, lasting, (place, random)).await,
            Self::FullDisk | Self::RedisFullDisk => {
                // What a database of others does without another file is theirs to prove.
                let share_of_files = if self == Self::FullDisk { 300 } else { 0 };
                servers::full(self.disk(world, place), lasting, (share_of_files, &mut random)).await
            }
            Self::StoreFullDisk => {
                servers::full(self.disk(world, place), lasting, (0, &mut random)).await?;
                servers::restart_store(world)
            }
            Self::KillContainer | Self::PauseContainer | Self::RemoveContainer => {
                self.strike_container(world, lasting, &mut random).await;
                Ok(())
            }
            Self::Storm => {
                world.storm.store(true, SeqCst);
                tokio::time::sleep(lasting).await;
                world.storm.store(false, SeqCst);
                Ok(())
            }
            Self::Away | Self::BrieflyAway => away::away(world, lasting, random).await,
            Self::EngineKill => servers::kill_engine(world, lasting).await,
            Self::ImageGone => servers::take_image(world, lasting).await,
            _ => self.strike_server(world, lasting, &mut random).await,
        }
    }

    async fn strike_server(self, world: &World, lasting: Duration, random: &mut Random) -> Result<()> {
        match self {
            Self::RedisKill => servers::kill_redis(world, lasting).await,
            Self::RedisForget => servers::forget(world, lasting, random).await,
            Self::RedisFreeze => servers::freeze_redis(world, lasting).await,
            Self::RedisEmpty => world.recorder.empty(&world.redis),
            // A replica of nobody: it has everything and takes nothing.
            Self::RedisReadonly => {
                servers::commands(world, lasting, ["REPLICAOF 127.0.0.1 1", "REPLICAOF NO ONE"]).await
            }
            Self::RedisFull => {
                servers::commands(world, lasting, ["CONFIG SET maxmemory 1", "CONFIG SET maxmemory 0"]).await
            }
            _ => {
                self.spoil(world, lasting, random).await;
                Ok(())
            }
        }
    }

    async fn strike_container(self, world: &World, lasting: Duration, random: &mut Random) {
        // The client of the engine is waited for, and what else runs here must not wait with it.
        let running = || docker::running_one(&world.engine, &world.workers(), random);
        let Some(id) = tokio::task::block_in_place(running) else { return };
        let [begin, end]: [&[&str]; 2] = match self {
            Self::PauseContainer => [&["pause"], &["unpause"]],
            Self::RemoveContainer => [&["rm", "--force"], &[]],
            _ => [&["kill"], &[]],
        };
        let order = |words| tokio::task::block_in_place(|| docker::order(&world.engine, words, &id));
        order(begin);
        tokio::time::sleep(lasting).await;
        if !end.is_empty() && !order(end) {
            docker::thaw(&id);
        }
    }

    fn disk(self, world: &World, place: usize) -> Option<&shipstack_testkit::SmallDisk> {
        let disks = world.disks.as_ref()?;
        match self {
            Self::RedisFullDisk => Some(&disks.redis),
            Self::StoreFullDisk => Some(&disks.store),
            _ => disks.fleet.get(place),
        }
    }

    pub(super) fn name(self) -> String {
        self.to_possible_value().map(|value| value.get_name().to_owned()).unwrap_or_default()
    }
}
