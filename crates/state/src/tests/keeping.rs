//! The loops and what they share.

use super::world::{id, outcome, worker};
use super::{World, contract};
use crate::{Amiss, Audit, Decider, Decision, Repair, WorkerPresence, WorkerSeen};
use shipstack_types::DeploymentState::Failed;
use shipstack_types::{Check, Timestamp};
use std::collections::HashSet;
use std::time::Duration;

contract!(
    every_unfinished_job_is_seen_in_slices,
    a_sound_job_needs_no_repair,
    a_lease_that_nobody_reaps_is_seen_and_a_sound_job_is_not,
    a_job_that_waited_too_long_ends,
    a_lock_has_one_holder_and_ends_by_itself,
    a_worker_is_seen_while_it_says_so,
    every_heartbeat_of_a_worker_moves_the_time_it_was_seen,
    a_change_wakes_whoever_watches,
);

async fn every_unfinished_job_is_seen_in_slices(world: World) {
    let expected: HashSet<_> = (0..500).map(|number| id(&format!("j{number}"))).collect();
    for job in &expected {
        world.archive(job.as_str(), "g").await;
    }
    let (mut seen, mut cursor, mut slices) = (HashSet::new(), 0, 0);
    loop {
        let (ids, next) = world.state.unfinished(cursor).await.unwrap();
        seen.extend(ids);
        slices += 1;
        cursor = next;
        if cursor == 0 {
            break;
        }
    }
    assert_eq!(seen, expected);
    assert!(slices > 1);
}

async fn a_sound_job_needs_no_repair(world: World) {
    let waiting = world.archive("a", "g").await;
    assert_eq!(world.state.repair(&waiting).await.unwrap(), Repair::Nothing);
    let held = world.claim_build("w").await;
    assert_eq!(world.state.repair(&held.id).await.unwrap(), Repair::Nothing);
    world.state.heartbeat(&held).await.unwrap();
    assert_eq!(world.state.repair(&id("nobody")).await.unwrap(), Repair::Unknown);
}

async fn a_lease_that_nobody_reaps_is_seen_and_a_sound_job_is_not(world: World) {
    let sound = |audit: Option<Audit>| audit.expect("a known id").amiss.is_empty();
    let waiting = world.archive("a", "g").await;
    assert!(sound(world.state.audit(&waiting).await.unwrap()));
    let held = world.claim_build("w").await;
    world.pass(Duration::from_secs(30));
    assert!(sound(world.state.audit(&held.id).await.unwrap()), "somebody may be about to reap it");
    world.pass(Duration::from_secs(15));
    let audit = world.state.audit(&held.id).await.unwrap().expect("a known id");
    assert_eq!((audit.amiss.as_slice(), audit.build_fence), ([Amiss::LeaseLongOver].as_slice(), 1));
    assert!(audit.since.is_some());
    assert_eq!(world.reap_after_lease().await.len(), 1);
    let again = world.claim_build("w").await;
    assert!(sound(world.state.audit(&again.id).await.unwrap()));
    world.state.decide(Decider::Holder(&again), &outcome(Failed)).await.unwrap();
    assert!(sound(world.state.audit(&again.id).await.unwrap()));
    world.state.settle(&again.id).await.unwrap();
    assert!(sound(world.state.audit(&again.id).await.unwrap()));
    assert_eq!(world.state.audit(&id("nobody")).await.unwrap(), None);
}

async fn a_job_that_waited_too_long_ends(world: World) {
    let job = world.archive("a", "g").await;
    let by = Decider::QueueTimeout(&job);
    assert_eq!(world.state.decide(by, &outcome(Failed)).await.unwrap(), Decision::TooLate);
    world.pass(world.state.timing().rules.queue_timeout + Duration::from_secs(1));
    assert_eq!(world.state.repair(&job).await.unwrap(), Repair::QueueTimeout);
    assert_eq!(world.state.decide(by, &outcome(Failed)).await.unwrap(), Decision::Fixed);
    world.state.settle(&job).await.unwrap();
    assert_eq!(world.word(&job).await, Failed);
}

async fn a_lock_has_one_holder_and_ends_by_itself(world: World) {
    let lease = Duration::from_mins(1);
    assert!(world.state.try_lock("reindex", &worker("a"), lease).await.unwrap());
    assert!(world.state.try_lock("reindex", &worker("a"), lease).await.unwrap(), "renewed");
    assert!(!world.state.try_lock("reindex", &worker("b"), lease).await.unwrap());
    assert!(world.state.try_lock("other", &worker("b"), lease).await.unwrap());
    world.state.unlock("reindex", &worker("b")).await.unwrap();
    assert!(!world.state.try_lock("reindex", &worker("b"), lease).await.unwrap(), "not his to give back");
    world.state.unlock("reindex", &worker("a")).await.unwrap();
    assert!(world.state.try_lock("reindex", &worker("b"), Duration::from_millis(1)).await.unwrap());
    world.pass(Duration::from_secs(1));
    shipstack_testkit::wait_until("the lock ends", || async {
        world.state.try_lock("reindex", &worker("a"), lease).await.unwrap()
    })
    .await;
}

async fn a_worker_is_seen_while_it_says_so(world: World) {
    let presence = |name| WorkerPresence {
        worker: worker(name),
        role: "deploy-worker".to_owned(),
        slots: 2,
        version: "0.1.0".to_owned(),
        checks: vec![Check::broken("engine", "no answer", "Start Docker.")],
        node: vec![20, 22],
    };
    world.state.announce(&presence("a")).await.unwrap();
    world.pass(Duration::from_secs(20));
    world.state.announce(&presence("b")).await.unwrap();
    let seen = world.state.workers().await.unwrap();
    assert_eq!(presences(&seen), [presence("a"), presence("b")]);
    world.pass(Duration::from_secs(10));
    assert_eq!(presences(&world.state.workers().await.unwrap()), [presence("b")]);
}

async fn every_heartbeat_of_a_worker_moves_the_time_it_was_seen(world: World) {
    let presence = WorkerPresence {
        worker: worker("a"),
        role: "deploy-worker".to_owned(),
        slots: 2,
        version: "0.1.0".to_owned(),
        checks: Vec::new(),
        node: Vec::new(),
    };
    world.state.announce(&presence).await.unwrap();
    let first = seen_at(&world).await;
    world.pass(Duration::from_secs(5));
    assert_eq!(seen_at(&world).await, first, "looking is not a heartbeat");
    world.state.announce(&presence).await.unwrap();
    // Redis's own clock goes on beside the test's.
    let moved = seen_at(&world).await.since(first);
    assert!((5..60).contains(&moved.as_secs()), "{moved:?}");
}

fn presences(seen: &[WorkerSeen]) -> Vec<WorkerPresence> {
    seen.iter().map(|seen| seen.presence.clone()).collect()
}

async fn seen_at(world: &World) -> Timestamp {
    world.state.workers().await.unwrap().first().expect("a worker").seen_at
}

async fn a_change_wakes_whoever_watches(world: World) {
    let job = world.archive("a", "g").await;
    // Redis's wake-ups come as soon as the listener is connected; every change after that is heard.
    let mut watch = world.state.watch_job(&job);
    watch.changed(Duration::from_secs(1)).await;
    let mut watch = world.state.watch_job(&job);
    world.claim_build("w").await;
    let woken = tokio::time::timeout(Duration::from_secs(5), watch.changed(Duration::from_mins(1))).await;
    woken.expect("sooner than the poll");
}
