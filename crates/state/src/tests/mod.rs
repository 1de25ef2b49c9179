//! One list of contract tests over every backend, and what only a real Redis can show.

mod accepting;
mod cancelling;
mod ending;
mod holding;
mod indexing;
mod keeping;
mod logging;
mod model;
mod real_redis;
mod superseding;
mod taking;
mod telling;
mod waiting;
mod world;

use world::World;

/// Runs each listed test, an `async fn(World)`, in process and on a real Redis.
macro_rules! contract {
    ($($name:ident),+ $(,)?) => {
        mod in_process {
            $(#[tokio::test]
            async fn $name() {
                super::$name(super::World::in_process().await).await;
            })+
        }
        mod real_redis {
            $(#[tokio::test]
            async fn $name() {
                if let Some(world) = super::World::redis().await {
                    super::$name(world).await;
                }
            })+
        }
    };
}
use contract;
