//! How long what waits for a build is told that it will.

use super::world::{id, outcome, worker};
use super::{World, contract};
use crate::{Decider, WorkerPresence};
use shipstack_types::Check;
use shipstack_types::DeploymentState::{Cancelled, Failed};
use std::time::Duration;

contract!(
    what_goes_first_takes_as_long_as_builds_took_last,
    a_flood_of_another_project_adds_one_build_and_not_a_hundred,
    what_a_build_has_behind_it_is_not_waited_for,
    nothing_is_said_before_it_is_known_how_long_builds_take,
    nothing_is_said_while_nobody_claims,
    what_does_not_wait_is_told_nothing,
    a_cancelled_build_says_nothing_of_how_long_builds_take,
);

const MINUTE: Duration = Duration::from_mins(1);

/// A build that held its slot for so long.
async fn built(world: &World, name: &str, took: Duration) {
    let claim = world.building(name, "w").await;
    world.pass(took);
    world.state.decide(Decider::Holder(&claim), &outcome(Failed)).await.unwrap();
    world.state.settle(&claim.id).await.unwrap();
}

/// As many builds of a minute as an estimate needs.
async fn experience(world: &World) {
    for name in ["past1", "past2", "past3"] {
        built(world, name, MINUTE).await;
    }
}

/// A worker that is there from now on.
async fn there(world: &World, slots: u32, checks: Vec<Check>) {
    let (role, version) = ("deploy-worker".to_owned(), "0.1.0".to_owned());
    let presence = WorkerPresence { worker: worker("w"), role, slots, version, checks, node: Vec::new() };
    world.state.announce(&presence).await.unwrap();
}

/// In whole seconds; Redis's own clock goes on beside the test's.
async fn wait_of(world: &World, name: &str) -> Option<u64> {
    world.state.expected_wait(&id(name)).await.unwrap().map(|wait| wait.as_secs())
}

async fn waits_about(world: &World, name: &str, seconds: u64) {
    let told = wait_of(world, name).await.expect("an estimate");
    assert!(told.abs_diff(seconds) < 10, "{name} waits {told} s and not about {seconds} s");
}

async fn what_goes_first_takes_as_long_as_builds_took_last(world: World) {
    experience(&world).await;
    there(&world, 2, Vec::new()).await;
    for name in ["a", "b", "c", "d", "e"] {
        world.archive(name, "g").await;
    }
    for (name, seconds) in [("a", 0), ("b", 0), ("c", 60), ("d", 60), ("e", 120)] {
        waits_about(&world, name, seconds).await;
    }
}

async fn a_flood_of_another_project_adds_one_build_and_not_a_hundred(world: World) {
    experience(&world).await;
    there(&world, 2, Vec::new()).await;
    for number in 0..100 {
        world.archive(&format!("flood{number}"), "flood").await;
    }
    world.claim_build("w").await;
    world.claim_build("w").await;
    world.archive("small", "small").await;
    waits_about(&world, "small", 60).await;
}

async fn what_a_build_has_behind_it_is_not_waited_for(world: World) {
    experience(&world).await;
    world.building("runs", "w").await;
    world.archive("next", "g").await;
    world.pass(Duration::from_secs(40));
    there(&world, 1, Vec::new()).await;
    waits_about(&world, "next", 20).await;
}

async fn nothing_is_said_before_it_is_known_how_long_builds_take(world: World) {
    built(&world, "past1", MINUTE).await;
    built(&world, "past2", MINUTE).await;
    there(&world, 1, Vec::new()).await;
    world.archive("a", "g").await;
    assert_eq!(wait_of(&world, "a").await, None);
    world.claim_build("w").await;
    built(&world, "past3", MINUTE).await;
    there(&world, 1, Vec::new()).await;
    world.archive("b", "g").await;
    assert!(wait_of(&world, "b").await.is_some());
}

async fn nothing_is_said_while_nobody_claims(world: World) {
    experience(&world).await;
    world.archive("a", "g").await;
    assert_eq!(wait_of(&world, "a").await, None, "nobody is there");
    let broken = Check::broken(WorkerPresence::BUILDS, "nothing is claimed", "Start Docker.");
    there(&world, 2, vec![broken]).await;
    assert_eq!(wait_of(&world, "a").await, None, "nobody claims");
    there(&world, 2, vec![Check::ok(WorkerPresence::BUILDS, "ready")]).await;
    waits_about(&world, "a", 0).await;
}

async fn what_does_not_wait_is_told_nothing(world: World) {
    experience(&world).await;
    there(&world, 1, Vec::new()).await;
    world.state.queue_intake(&id("comes-in"), "g").await.unwrap();
    let claim = world.building("runs", "w").await;
    for name in ["comes-in", claim.id.as_str(), "past1", "nobody"] {
        assert_eq!(wait_of(&world, name).await, None, "{name}");
    }
}

async fn a_cancelled_build_says_nothing_of_how_long_builds_take(world: World) {
    for name in ["gone1", "gone2", "gone3"] {
        let claim = world.building(name, "w").await;
        world.state.request_cancel(&claim.id).await.unwrap();
        world.state.decide(Decider::Holder(&claim), &outcome(Cancelled)).await.unwrap();
        world.state.settle(&claim.id).await.unwrap();
    }
    there(&world, 1, Vec::new()).await;
    world.archive("a", "g").await;
    assert_eq!(wait_of(&world, "a").await, None);
}
