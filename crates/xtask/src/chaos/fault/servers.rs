//! Faults of Redis, of the Docker engine itself and its image, and of the disks.

use std::time::Duration;

use anyhow::Result;
use shipstack_testkit::SmallDisk;

use crate::chaos::random::Random;
use crate::chaos::world::World;

/// Bytes of the append-only file: some hundred commands, a second of a busy platform.
const MOST_FORGOTTEN: u64 = 64 << 10;

pub(super) async fn kill_redis(world: &World, lasting: Duration) -> Result<()> {
    world.redis.kill();
    tokio::time::sleep(lasting).await;
    world.redis.restart()
}

/// What it ran lives on without it, or dies with it: both is a fault.
pub(super) async fn kill_engine(world: &World, lasting: Duration) -> Result<()> {
    match &world.own_engine {
        Some(engine) => engine.die_for(lasting).await,
        None => Ok(()),
    }
}

/// Only from this run's workers: the image has other names, and whoever shares the engine goes by those.
pub(super) async fn take_image(world: &World, lasting: Duration) -> Result<()> {
    world.image.take_away()?;
    tokio::time::sleep(lasting).await;
    world.image.give_back()
}

pub(super) async fn forget(world: &World, lasting: Duration, random: &mut Random) -> Result<()> {
    world.recorder.forget(&world.redis, random.below(MOST_FORGOTTEN))?;
    tokio::time::sleep(lasting).await;
    world.redis.restart()
}

pub(super) async fn freeze_redis(world: &World, lasting: Duration) -> Result<()> {
    world.redis.freeze()?;
    tokio::time::sleep(lasting).await;
    world.redis.thaw()
}

/// A disk that takes nothing more: not a byte, or in that share of a thousand times not another file.
pub(super) async fn full(
    disk: Option<&SmallDisk>,
    lasting: Duration,
    (share_of_files, random): (u64, &mut Random),
) -> Result<()> {
    let Some(disk) = disk else { return Ok(()) };
    if random.chance(share_of_files) {
        disk.fill_inodes()?;
    } else {
        disk.fill()?;
    }
    tokio::time::sleep(lasting).await;
    disk.release()
}

/// What an operator does once there is room again: the filer of `SeaweedFS` 4 refuses an eighth of all names for good after one
/// write that its disk did not take, until it is started again.
pub(super) fn restart_store(world: &World) -> Result<()> {
    tokio::task::block_in_place(|| world.s3.restart())
}

pub(super) async fn commands(world: &World, lasting: Duration, [on, off]: [&str; 2]) -> Result<()> {
    // Another fault may have frozen it, which only what else runs here can end.
    let tell = |command| tokio::task::block_in_place(|| world.redis.raw(command));
    tell(on)?;
    tokio::time::sleep(lasting).await;
    tell(off).map(drop)
}
