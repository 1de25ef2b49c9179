//! What the server must be, and how we use it.

use super::{World, connect, id, line, outcome};
use crate::{Decider, QueueTake, RedisConfig, State, StateConfig, StateError, Timing, Warning};
use secrecy::SecretString;
use shipstack_testkit::{RedisOptions, RedisServer, wait_until};
use shipstack_types::DeploymentState::Deployed;
use shipstack_types::{LogLine, QueueName, SystemClock};
use std::sync::Arc;
use std::time::Duration;

#[tokio::test]
async fn a_redis_that_may_evict_or_keeps_nothing_is_shouted_about() {
    let Some(world) = World::redis().await else { return };
    assert_eq!(
        world.state.check().await.unwrap(),
        [Warning::KeepsNothing],
        "the test's own server keeps nothing"
    );
    world.raw("CONFIG SET appendonly yes");
    assert_eq!(world.state.check().await.unwrap(), []);
    world.raw("CONFIG SET maxmemory-policy allkeys-lru");
    let evicts = Warning::MayEvict { policy: "allkeys-lru".to_owned() };
    assert!(evicts.to_string().contains("noeviction"));
    assert_eq!(world.state.check().await.unwrap(), [evicts]);
}

/// As `deploy/` starts it (hostile.md, row 121).
#[tokio::test]
async fn a_redis_as_it_is_deployed_takes_our_longest_line_and_no_huge_entry() {
    let Some(server) = RedisServer::start_with(&RedisOptions::as_deployed()) else { return };
    let server = Arc::new(server);
    let world = World::on(server.clone(), connect(&server.url(), QueueTake::Claim).await);
    let claim = world.building("a", "w").await;
    // 64 KiB of text, each byte of which is escaped in six.
    let longest = LogLine { text: "\u{1}".repeat(64 * 1024), ..line(1) };
    world.state.append_log(&claim, std::slice::from_ref(&longest)).await.unwrap();
    assert_eq!(world.state.read_log(&claim.id, 1, 10).await.unwrap().lines, [longest]);
    let client = redis::Client::open(server.url()).unwrap();
    let mut producer = client.get_multiplexed_async_connection().await.unwrap();
    let mut push = redis::cmd("LPUSH");
    push.arg("{t}:build-queue").arg(vec![b'a'; (4 << 20) + 1]);
    let pushed: redis::RedisResult<u64> = push.query_async(&mut producer).await;
    pushed.expect_err("it is larger than anything of ours");
    assert_eq!(world.state.queue_length(QueueName::Build).await.unwrap(), 0);
}

fn blocked(world: &World) -> usize {
    world.raw("CLIENT LIST").matches("cmd=blmove").count()
}

#[tokio::test]
async fn a_dropped_wait_cuts_its_connection() {
    let Some(world) = World::redis().await else { return };
    let state = world.state.clone();
    let waiting = tokio::spawn(async move { state.wait_for_work(QueueName::Build).await });
    wait_until("it blocks at the server", || async { blocked(&world) == 1 }).await;
    waiting.abort();
    wait_until("the server lets go", || async { blocked(&world) == 0 }).await;
}

#[tokio::test]
async fn a_wait_does_not_hold_up_other_calls() {
    let Some(world) = World::redis().await else { return };
    let state = world.state.clone();
    let waiting = tokio::spawn(async move { state.wait_for_work(QueueName::Intake).await });
    wait_until("it blocks at the server", || async { blocked(&world) == 1 }).await;
    let calls = async {
        for number in 0..20 {
            world.archive(&format!("j{number}"), "g").await;
        }
    };
    tokio::time::timeout(Duration::from_secs(2), calls).await.expect("not behind the wait");
    assert!(!waiting.is_finished());
    waiting.abort();
}

#[tokio::test]
async fn a_wake_up_crosses_processes() {
    let Some(world) = World::redis().await else { return };
    let other = connect(&world.server().url(), QueueTake::Claim).await;
    let claim = world.building("a", "w").await;
    let waiting = tokio::spawn(async move { other.cancel_requested(&claim).await });
    wait_until("both listen", || async { world.raw("PUBSUB NUMSUB @wake").ends_with(":2\r\n") }).await;
    world.state.request_cancel(&id("a")).await.unwrap();
    tokio::time::timeout(Duration::from_secs(2), waiting).await.expect("sooner than a heartbeat").unwrap();
}

#[tokio::test]
async fn the_listener_ends_with_the_last_handle() {
    let Some(world) = World::redis().await else { return };
    let other = connect(&world.server().url(), QueueTake::Claim).await;
    wait_until("both listen", || async { world.raw("PUBSUB NUMSUB @wake").ends_with(":2\r\n") }).await;
    drop(other);
    wait_until("one is gone", || async { world.raw("PUBSUB NUMSUB @wake").ends_with(":1\r\n") }).await;
}

#[tokio::test]
async fn settings_that_cannot_work_are_refused_without_the_password() {
    for (url, prefix) in
        [("redis://u:hunter2@[::", ""), ("nonsense hunter2", ""), ("redis://127.0.0.1", "a'b")]
    {
        let config =
            RedisConfig { url: SecretString::from(url), prefix: prefix.to_owned(), take: QueueTake::Claim };
        let config = StateConfig::Redis(config);
        let refused = State::connect(&config, Timing::default(), Arc::new(SystemClock)).await.unwrap_err();
        assert!(matches!(refused, StateError::Settings { .. }));
        assert!(!format!("{refused} {refused:?}").contains("hunter2"));
    }
}

/// Who settled it may have died, or lost the reply, before the log could be dropped: nobody comes back for it.
#[tokio::test]
async fn a_log_that_nobody_dropped_goes_by_itself() {
    let Some(world) = World::redis().await else { return };
    let claim = world.building("a", "w").await;
    world.state.append_log(&claim, &[line(1)]).await.unwrap();
    world.state.decide(Decider::Holder(&claim), &outcome(Deployed)).await.unwrap();
    let left = || {
        let answer = world.raw(&format!("PTTL @log:{}", claim.id));
        answer.trim_start_matches(':').trim_end().parse::<i64>().unwrap()
    };
    assert_eq!(left(), -1, "it is still to be archived");
    world.state.settle(&claim.id).await.unwrap();
    assert!((1..=600_000).contains(&left()), "{}", left());
}
