//! Who gets which job.

use super::world::{id, worker};
use super::{World, contract};
use shipstack_types::QueueName;
use std::collections::HashSet;
use std::time::Duration;

contract!(
    jobs_of_one_group_come_in_their_order,
    the_group_with_the_fewest_running_builds_goes_first,
    a_flood_of_one_project_delays_another_by_one_build,
    the_same_request_gets_the_same_claim,
    every_job_has_one_holder,
    a_wait_ends_when_work_comes,
    a_dropped_wait_loses_nothing,
    what_a_worker_knows_nothing_of_is_swept_back,
    a_claim_whose_reply_may_be_on_its_way_is_not_swept,
    sweeping_never_gives_a_job_out_for_ever,
    intake_and_build_are_two_queues_with_one_machinery,
    what_is_given_back_together_keeps_its_order,
);

async fn jobs_of_one_group_come_in_their_order(world: World) {
    for name in ["a", "b", "c"] {
        world.archive(name, "g").await;
    }
    assert_eq!(world.state.job(&id("c")).await.unwrap().unwrap().queue_position, Some(3));
    for name in ["a", "b", "c"] {
        assert_eq!(world.claim_build("w").await.id, id(name));
    }
}

async fn the_group_with_the_fewest_running_builds_goes_first(world: World) {
    for (name, group) in [("a1", "a"), ("a2", "a"), ("a3", "a"), ("b1", "b"), ("c1", "c"), ("b2", "b")] {
        world.archive(name, group).await;
    }
    for expected in ["a1", "b1", "c1", "a2", "b2", "a3"] {
        assert_eq!(world.claim_build("w").await.id, id(expected));
    }
}

async fn a_flood_of_one_project_delays_another_by_one_build(world: World) {
    for number in 0..100 {
        world.archive(&format!("flood{number}"), "flood").await;
    }
    world.archive("small", "small").await;
    assert_eq!(world.claim_build("w").await.group, "flood");
    assert_eq!(world.claim_build("w").await.group, "small");
    assert_eq!(world.claim_build("w").await.id, id("flood1"));
}

async fn the_same_request_gets_the_same_claim(world: World) {
    world.archive("a", "g").await;
    world.archive("b", "g").await;
    let request = world.request("w");
    let first = world.state.claim_next(QueueName::Build, &request).await.unwrap().unwrap();
    let again = world.state.claim_next(QueueName::Build, &request).await.unwrap().unwrap();
    assert_eq!(first, again);
    let other = world.claim_build("w").await;
    assert_ne!(first.id, other.id);
}

async fn every_job_has_one_holder(world: World) {
    for number in 0..40 {
        world.archive(&format!("j{number}"), &format!("g{}", number % 3)).await;
    }
    let requests: Vec<_> = (0..60).map(|number| world.request(&format!("w{}", number % 4))).collect();
    let claims = requests.iter().map(|request| world.state.claim_next(QueueName::Build, request));
    let claims = futures_util::future::join_all(claims).await;
    let taken: Vec<_> = claims.into_iter().filter_map(Result::unwrap).map(|claim| claim.id).collect();
    assert_eq!(taken.len(), 40);
    assert_eq!(taken.iter().collect::<HashSet<_>>().len(), 40);
}

async fn a_wait_ends_when_work_comes(world: World) {
    let state = world.state.clone();
    let waiting = tokio::spawn(async move { state.wait_for_work(QueueName::Build).await });
    tokio::task::yield_now().await;
    world.archive("a", "g").await;
    let woken = tokio::time::timeout(Duration::from_secs(3), waiting).await.expect("sooner than the poll");
    woken.unwrap().unwrap();
    world.state.wait_for_work(QueueName::Build).await.unwrap();
    assert_eq!(world.claim_build("w").await.id, id("a"), "waiting takes nothing");
}

async fn a_dropped_wait_loses_nothing(world: World) {
    for _ in 0..10 {
        let wait = world.state.wait_for_work(QueueName::Build);
        assert!(tokio::time::timeout(Duration::from_millis(20), wait).await.is_err());
    }
    world.archive("a", "g").await;
    assert_eq!(world.claim_build("w").await.id, id("a"));
}

async fn what_a_worker_knows_nothing_of_is_swept_back(world: World) {
    let lost = world.building("lost", "w").await;
    let mine = world.building("mine", "w").await;
    let other = world.building("other", "x").await;
    world.pass_a_moment();
    let swept =
        world.state.sweep(QueueName::Build, &worker("w"), std::slice::from_ref(&mine.id)).await.unwrap();
    assert_eq!(swept, 1);
    assert_eq!(
        world.state.sweep(QueueName::Build, &worker("w"), std::slice::from_ref(&mine.id)).await.unwrap(),
        0
    );
    world.state.heartbeat(&mine).await.unwrap();
    world.state.heartbeat(&other).await.unwrap();
    assert!(world.state.heartbeat(&lost).await.is_err());
    let again = world.claim_build("x").await;
    assert_eq!(
        (again.id, again.number, again.attempt),
        (lost.id, lost.number.next(), 1),
        "nobody worked on it"
    );
}

async fn a_claim_whose_reply_may_be_on_its_way_is_not_swept(world: World) {
    let claim = world.building("a", "w").await;
    assert_eq!(world.state.sweep(QueueName::Build, &worker("w"), &[]).await.unwrap(), 0);
    world.state.heartbeat(&claim).await.unwrap();
}

async fn sweeping_never_gives_a_job_out_for_ever(world: World) {
    world.archive("a", "g").await;
    for _ in 0..4 {
        world.claim_build("w").await;
        world.pass_a_moment();
        assert_eq!(world.state.sweep(QueueName::Build, &worker("w"), &[]).await.unwrap(), 1);
    }
    world.claim_build("w").await;
    world.pass_a_moment();
    world.state.sweep(QueueName::Build, &worker("w"), &[]).await.unwrap();
    assert!(world.claim(QueueName::Build, "w").await.is_none(), "five deliveries are all");
    let found = world.reap_after_lease().await;
    assert_eq!(found.first().map(|reaped| reaped.verdict), Some(crate::Verdict::AttemptsUsedUp));
}

async fn intake_and_build_are_two_queues_with_one_machinery(world: World) {
    world.state.queue_intake(&id("git"), "g").await.unwrap();
    world.archive("tar", "g").await;
    let intake = world.claim(QueueName::Intake, "w").await.unwrap();
    let build = world.claim_build("w").await;
    assert_eq!((intake.id.clone(), build.id.clone()), (id("git"), id("tar")));
    let found = world.reap_after_lease().await;
    let queues: HashSet<_> = found.iter().map(|reaped| (reaped.id.clone(), reaped.queue)).collect();
    assert_eq!(queues, HashSet::from([(intake.id, QueueName::Intake), (build.id, QueueName::Build)]));
    assert!(world.claim(QueueName::Intake, "x").await.is_some());
}

async fn what_is_given_back_together_keeps_its_order(world: World) {
    let names = ["d", "a", "c", "b"];
    for name in names {
        world.archive(name, "g").await;
    }
    world.archive("later", "g").await;
    for _ in names {
        world.claim_build("w").await;
    }
    world.pass_a_moment();
    assert_eq!(world.state.sweep(QueueName::Build, &worker("w"), &[]).await.unwrap(), 4);
    for name in names {
        assert_eq!(world.claim_build("w").await.id, id(name), "after the sweep");
    }
    assert_eq!(world.reap_after_lease().await.len(), 4);
    for name in names {
        assert_eq!(world.claim_build("w").await.id, id(name), "after the reaper");
    }
}
