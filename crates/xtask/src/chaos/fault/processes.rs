//! Faults of single processes.

use std::time::{Duration, Instant};

use anyhow::{Context as _, Result};
use rustix::process::{Pid, Resource, Rlimit, Signal, getrlimit, prlimit};

use super::Fault;
use crate::chaos::fleet::Kind;
use crate::chaos::random::Random;
use crate::chaos::world::World;

/// A worker's drain window, a freeze in the middle of it, and some more.
const DRAINED: Duration = Duration::from_secs(15);
/// From its start to its first answer.
const UP: Duration = Duration::from_secs(15);
/// Between the two signals: enough that the first one is heard.
const HEARD: Duration = Duration::from_millis(200);
/// The longest wait for a job to reach a step.
pub(super) const UNTIL_A_STEP: Duration = Duration::from_secs(5);
/// Where a job can be when its process ends without a word, stands still, or what it does panics or fails.
const STEPS_OF_BUILDS: [&str; 6] = ["download", "install", "build", "upload", "decide", "settle"];
const STEPS_OF_INTAKES: [&str; 8] = [
    "accept.stored",
    "accept.born",
    "accept.queued",
    "intake.claimed",
    "intake.fetched",
    "intake.stored",
    "decide",
    "settle",
];

pub(super) async fn kill(world: &World, lasting: Duration, place: usize) -> Result<()> {
    world.fleet().kill(place)?;
    tokio::time::sleep(lasting).await;
    world.fleet().start(place)
}

pub(super) async fn freeze(world: &World, lasting: Duration, place: usize) -> Result<()> {
    world.fleet().signal(place, Signal::STOP)?;
    tokio::time::sleep(lasting).await;
    world.fleet().signal(place, Signal::CONT)
}

/// One process after the other, each up again before the next one goes, as it was or in the other version.
pub(super) async fn roll(world: &World, fault: Fault) -> Result<()> {
    for kind in Kind::ALL {
        let places = world.fleet().of(kind);
        for place in places {
            world.fleet().terminate(place)?;
            ended(world, place).await;
            if fault == Fault::Upgrade {
                world.fleet().change_version(place)?;
            }
            world.fleet().start(place)?;
            let url = world.fleet().url(place)?;
            // Another blow may have taken it down again.
            let _ready = tokio::time::timeout(UP, world.answers(&url)).await;
        }
    }
    Ok(())
}

/// Waits until it has ended; another blow may start it again meanwhile, and then it never does.
async fn ended(world: &World, place: usize) {
    let started = Instant::now();
    while !world.fleet().has_ended(place) && started.elapsed() < DRAINED {
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}

pub(super) async fn stop_twice(world: &World, place: usize) -> Result<()> {
    world.fleet().terminate(place)?;
    tokio::time::sleep(HEARD).await;
    // One that had nothing in hand is gone already.
    let _gone = world.fleet().terminate(place);
    ended(world, place).await;
    world.fleet().start(place)
}

/// Started again so that it fails at a step, in this way; what has not until then goes on as all do.
pub(super) async fn fail_at_step(
    world: &World,
    lasting: Duration,
    how: &str,
    (place, mut random): (usize, Random),
) -> Result<()> {
    let step = some_step(world, place, &mut random);
    world.fleet().start_dying(place, &format!("{step}={how}"))?;
    tokio::time::sleep(lasting).await;
    world.fleet().start_living(place)
}

/// Started again so that it stands still at a step; when it goes on it believes that the job is still its own.
pub(super) async fn freeze_at_step(
    world: &World,
    lasting: Duration,
    (place, mut random): (usize, Random),
) -> Result<()> {
    let step = some_step(world, place, &mut random);
    let before = world.fleet().stood_still(place)?;
    world.fleet().start_dying(place, &format!("{step}=freeze"))?;
    let Some(own) = world.fleet().pid(place) else { return world.fleet().start_living(place) };
    let started = Instant::now();
    // Another blow may freeze it as well, before its step.
    while world.fleet().stood_still(place)? == before {
        if started.elapsed() > UNTIL_A_STEP {
            return world.fleet().start_living(place);
        }
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    tokio::time::sleep(lasting).await;
    // Or start another in its place, which is not ours to let go on.
    if world.fleet().pid(place) == Some(own) { world.fleet().go_on(place) } else { Ok(()) }
}

fn some_step(world: &World, place: usize, random: &mut Random) -> &'static str {
    let is_upload = world.fleet().is(place, Kind::Upload);
    let steps = if is_upload { &STEPS_OF_INTAKES[..] } else { &STEPS_OF_BUILDS[..] };
    random.pick(steps).copied().unwrap_or_default()
}

/// As many descriptors as it has, and not one more.
pub(super) async fn few_descriptors(world: &World, lasting: Duration, place: usize) -> Result<()> {
    let Some(process) = world.fleet().pid(place) else { return Ok(()) };
    let open = std::fs::read_dir(format!("/proc/{process}/fd")).map_or(0, Iterator::count);
    let (pid, own) = (Pid::from_raw(process).context("no process")?, getrlimit(Resource::Nofile));
    let few = Rlimit { current: Some(u64::try_from(open)?), maximum: own.maximum };
    prlimit(Some(pid), Resource::Nofile, few)?;
    tokio::time::sleep(lasting).await;
    // Not what it had before: that may be the few of another blow that overlaps. It may have been killed meanwhile, and
    // what is there now was started with all it needs.
    let all = Rlimit { current: own.maximum, maximum: own.maximum };
    let _gone = prlimit(Some(pid), Resource::Nofile, all);
    Ok(())
}

/// An hour ahead or back.
pub(super) async fn jump(
    world: &World,
    lasting: Duration,
    (place, mut random): (usize, Random),
) -> Result<()> {
    const HOUR: i64 = 3600;
    let clock = world.fleet().clock(place)?;
    let off = if random.chance(500) { HOUR } else { -HOUR };
    std::fs::write(&clock, off.to_string())?;
    tokio::time::sleep(lasting).await;
    // Another jump that overlaps may have ended before.
    let _gone = std::fs::remove_file(&clock);
    Ok(())
}
