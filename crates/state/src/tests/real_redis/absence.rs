//! Redis away, slow, restarted, read-only.

use super::{World, connect, id};
use crate::{QueueTake, StateError, Verdict};
use shipstack_testkit::{RedisOptions, RedisServer, wait_until};
use shipstack_types::{ClaimNumber, QueueName};
use std::sync::Arc;
use std::time::{Duration, Instant};

async fn durable_world() -> Option<World> {
    let server = Arc::new(RedisServer::start_with(&RedisOptions::durable())?);
    let state = connect(&server.url(), QueueTake::Claim).await;
    Some(World::on(server, state))
}

/// Two seconds is what `/deploy` may take to say 503; half of one is left to it.
async fn is_refused_soon(world: &World) {
    let begun = Instant::now();
    let answer = world.state.queue_build(&id("late"), "g", ClaimNumber::FIRST).await;
    assert!(matches!(answer, Err(StateError::Unavailable { .. })), "{answer:?}");
    assert!(begun.elapsed() < Duration::from_millis(2500), "{:?}", begun.elapsed());
}

#[tokio::test]
async fn a_frozen_redis_is_unavailable_soon_and_all_goes_on_by_itself() {
    let Some(world) = World::redis().await else { return };
    let claim = world.building("a", "w").await;
    world.server().freeze().unwrap();
    is_refused_soon(&world).await;
    assert!(world.state.wait_for_work(QueueName::Intake).await.is_err());
    world.server().thaw().unwrap();
    wait_until("the heartbeat goes on", || async { world.state.heartbeat(&claim).await.is_ok() }).await;
    assert!(world.state.check().await.is_ok());
}

#[tokio::test]
async fn a_killed_redis_is_unavailable_at_once_and_keeps_what_it_accepted() {
    let Some(world) = durable_world().await else { return };
    world.archive("a", "g").await;
    world.server().kill();
    is_refused_soon(&world).await;
    world.server().restart().unwrap();
    assert_eq!(world.claim_build("w").await.id, id("a"));
}

#[tokio::test]
async fn the_index_of_a_redis_that_was_started_again_is_not_complete() {
    let Some(world) = durable_world().await else { return };
    let before = world.state.index_run().await.unwrap();
    world.state.mark_index_complete(&before).await.unwrap();
    assert!(world.state.index_complete().await.unwrap());
    world.server().kill();
    world.server().restart().unwrap();
    wait_until("Redis answers", || async { world.state.check().await.is_ok() }).await;
    assert!(!world.state.index_complete().await.unwrap());
    // A reindex that began before the restart has not seen what the restart forgot.
    world.state.mark_index_complete(&before).await.unwrap();
    assert!(!world.state.index_complete().await.unwrap());
}

#[tokio::test]
async fn a_reindex_in_the_middle_of_which_redis_was_emptied_counts_for_nothing() {
    let Some(world) = durable_world().await else { return };
    let before = world.state.index_run().await.unwrap();
    // What was accepted after the reindex looked at the store, and before this, is known to neither.
    world.server().raw("FLUSHALL").unwrap();
    world.state.mark_index_complete(&before).await.unwrap();
    assert!(!world.state.index_complete().await.unwrap());
    let after = world.state.index_run().await.unwrap();
    assert_eq!(world.state.index_run().await.unwrap(), after, "one life");
    world.state.mark_index_complete(&after).await.unwrap();
    assert!(world.state.index_complete().await.unwrap());
    world.server().raw("FLUSHALL").unwrap();
    assert!(!world.state.index_complete().await.unwrap());
}

#[tokio::test]
async fn after_a_restart_nobody_is_reaped_for_two_leases() {
    let Some(world) = durable_world().await else { return };
    let claim = world.building("a", "w").await;
    world.state.reap().await.unwrap();
    world.server().kill();
    world.server().restart().unwrap();
    world.pass(Duration::from_secs(9));
    for _ in 0..7 {
        assert_eq!(world.state.reap().await.unwrap(), []);
        world.pass(Duration::from_secs(2));
    }
    world.state.heartbeat(&claim).await.expect("the holder is back in time");
    world.pass(Duration::from_secs(9));
    world.state.reap().await.unwrap();
    world.pass(Duration::from_secs(2));
    let found = world.state.reap().await.unwrap();
    assert_eq!(found.first().map(|reaped| reaped.verdict), Some(Verdict::GivenBack));
}

#[tokio::test]
async fn after_a_long_silence_nobody_is_reaped_for_two_leases() {
    let Some(world) = World::redis().await else { return };
    let claim = world.building("a", "w").await;
    world.state.reap().await.unwrap();
    let patience = world.state.timing().rules.lease / 2;
    let begun = Instant::now();
    world.server().freeze().unwrap();
    wait_until("the silence is long", || async {
        assert!(world.state.heartbeat(&claim).await.is_err());
        begun.elapsed() > patience
    })
    .await;
    world.server().thaw().unwrap();
    wait_until("Redis answers", || async { world.state.check().await.is_ok() }).await;
    world.pass(Duration::from_secs(9));
    for _ in 0..4 {
        assert_eq!(world.state.reap().await.unwrap(), []);
        world.pass(Duration::from_secs(2));
    }
    world.state.heartbeat(&claim).await.unwrap();
}

#[tokio::test]
async fn a_read_only_redis_is_unavailable_until_it_writes_again() {
    let Some(world) = World::redis().await else { return };
    world.raw("REPLICAOF 127.0.0.1 1");
    is_refused_soon(&world).await;
    assert!(world.state.check().await.unwrap().contains(&crate::Warning::ReadOnly));
    world.raw("REPLICAOF NO ONE");
    world.archive("a", "g").await;
}

#[tokio::test]
async fn a_full_redis_is_unavailable_until_it_has_room() {
    let Some(world) = World::redis().await else { return };
    world.raw("CONFIG SET maxmemory 1");
    is_refused_soon(&world).await;
    world.raw("CONFIG SET maxmemory 0");
    world.archive("a", "g").await;
}

#[tokio::test]
async fn a_service_may_start_before_redis() {
    let Some(world) = World::redis().await else { return };
    world.server().kill();
    let state = connect(&world.server().url(), QueueTake::Claim).await;
    assert!(state.check().await.unwrap_err().is_unavailable());
    world.server().restart().unwrap();
    assert!(state.check().await.is_ok());
}
