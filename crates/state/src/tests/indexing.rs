//! Which deployments there are, what was made from them, and which request asked for them.

use super::world::{id, outcome};
use super::{World, contract};
use crate::{Decider, IndexQuery, Reservation, Restored, RestoredJob};
use shipstack_types::DeploymentState::{Building, Deployed, Failed, Uploaded};
use shipstack_types::{
    ClaimNumber, DeploymentId, DeploymentState, IdempotencyMark, ListCursor, QueueName, Sha256Digest,
    Timestamp,
};
use std::time::Duration;

contract!(
    deployments_are_listed_newest_first,
    pages_together_hold_every_deployment_once,
    deployments_of_one_moment_are_all_listed,
    a_deployment_is_listed_under_its_word,
    what_arrives_between_two_pages_shifts_nothing,
    a_restored_deployment_takes_its_old_place,
    a_forgotten_deployment_is_unknown,
    only_what_has_ended_is_forgotten,
    children_are_listed_newest_first,
    a_key_belongs_to_the_first_for_its_time,
);

async fn list(world: &World, status: Option<DeploymentState>) -> Vec<DeploymentId> {
    let query = IndexQuery { status, after: None, most: 100 };
    world.state.list(&query).await.unwrap().into_iter().map(|entry| entry.id).collect()
}

fn ids(names: &[&str]) -> Vec<DeploymentId> {
    names.iter().map(|name| id(name)).collect()
}

fn restored(name: &str, at: u64, state: Restored) -> RestoredJob {
    RestoredJob {
        id: id(name),
        group: "g".into(),
        state,
        intake_fence: 1,
        build_fence: 0,
        attempt: 0,
        source_claim: Some(ClaimNumber::FIRST),
        created_at: Timestamp::from_millis(at),
    }
}

async fn deployments_are_listed_newest_first(world: World) {
    for name in ["c", "a", "b"] {
        world.archive(name, "g").await;
        world.pass(Duration::from_secs(1));
    }
    assert_eq!(list(&world, None).await, ids(&["b", "a", "c"]));
}

async fn pages(world: &World, most: usize) -> Vec<DeploymentId> {
    let (mut all, mut after) = (Vec::new(), None);
    loop {
        let page = world.state.list(&IndexQuery { status: None, after, most }).await.unwrap();
        after = page.last().cloned();
        all.extend(page.into_iter().map(|entry| entry.id));
        if after.is_none() {
            return all;
        }
    }
}

async fn pages_together_hold_every_deployment_once(world: World) {
    for number in 0..25 {
        world.archive(&format!("j{number:02}"), "g").await;
        world.pass(Duration::from_millis(u64::from(number % 3 == 0)));
    }
    let whole = list(&world, None).await;
    assert_eq!(whole.len(), 25);
    for most in [1, 2, 7, 24, 25, 26] {
        assert_eq!(pages(&world, most).await, whole, "pages of {most}");
    }
}

async fn deployments_of_one_moment_are_all_listed(world: World) {
    for number in 0..30 {
        let name = if number % 2 == 0 { format!("J_{number}") } else { format!("j-{number}") };
        let job = restored(&name, 1_650_000_000_000, Restored::Terminal(Deployed));
        world.state.restore(&job).await.unwrap();
    }
    let mut whole = pages(&world, 4).await;
    assert_eq!(whole.len(), 30);
    whole.sort();
    whole.dedup();
    assert_eq!(whole.len(), 30);
}

async fn a_deployment_is_listed_under_its_word(world: World) {
    let claim = world.building("a", "w").await;
    world.pass(Duration::from_secs(1));
    world.archive("b", "g").await;
    assert_eq!(list(&world, Some(Building)).await, ids(&["a"]));
    assert_eq!(list(&world, Some(Uploaded)).await, ids(&["b"]));
    world.state.decide(Decider::Holder(&claim), &outcome(Failed)).await.unwrap();
    assert_eq!(list(&world, Some(Building)).await, ids(&["a"]), "settling is not on the wire");
    world.state.settle(&claim.id).await.unwrap();
    assert_eq!(list(&world, Some(Building)).await, []);
    assert_eq!(list(&world, Some(Failed)).await, ids(&["a"]));
    assert_eq!(list(&world, None).await, ids(&["b", "a"]));
}

async fn what_arrives_between_two_pages_shifts_nothing(world: World) {
    for name in ["a", "b", "c"] {
        world.archive(name, "g").await;
        world.pass(Duration::from_secs(1));
    }
    let first = world.state.list(&IndexQuery { status: None, after: None, most: 1 }).await.unwrap();
    world.archive("d", "g").await;
    let query = IndexQuery { status: None, after: first.last().cloned(), most: 9 };
    let rest = world.state.list(&query).await.unwrap();
    assert_eq!(rest.into_iter().map(|entry| entry.id).collect::<Vec<_>>(), ids(&["b", "a"]));
}

async fn a_restored_deployment_takes_its_old_place(world: World) {
    world.archive("new", "g").await;
    for (name, at) in [("old", 1_600_000_000_000), ("older", 1_500_000_000_000)] {
        let waiting = Restored::Waiting { queue: QueueName::Build };
        world.state.restore(&restored(name, at, waiting)).await.unwrap();
        world.state.restore(&restored(name, at, Restored::Terminal(Deployed))).await.unwrap();
    }
    assert_eq!(list(&world, None).await, ids(&["new", "old", "older"]));
    assert_eq!(list(&world, Some(Deployed)).await, ids(&["old", "older"]));
    assert_eq!(list(&world, Some(Uploaded)).await, ids(&["new"]));
}

async fn a_forgotten_deployment_is_unknown(world: World) {
    let job = id("a");
    world.state.restore(&restored("a", 5, Restored::Terminal(Deployed))).await.unwrap();
    world.state.add_child(&job, &id("c"), Timestamp::from_millis(7)).await.unwrap();
    assert!(world.state.forget(&job).await.unwrap());
    assert!(world.state.forget(&job).await.unwrap(), "a repeat is the same answer");
    assert_eq!(world.state.status(&job).await.unwrap(), None);
    assert_eq!(world.state.job(&job).await.unwrap(), None);
    assert_eq!((list(&world, None).await, list(&world, Some(Deployed)).await), (vec![], vec![]));
    assert_eq!(world.state.children(&job, 9).await.unwrap(), []);
    assert_eq!(world.events("deleted").await, [job]);
}

async fn only_what_has_ended_is_forgotten(world: World) {
    let claim = world.building("a", "w").await;
    assert!(!world.state.forget(&claim.id).await.unwrap());
    world.state.decide(Decider::Holder(&claim), &outcome(Deployed)).await.unwrap();
    assert!(!world.state.forget(&claim.id).await.unwrap(), "its outcome is decided and not yet stored");
    world.state.settle(&claim.id).await.unwrap();
    assert!(world.state.forget(&claim.id).await.unwrap());
}

async fn children_are_listed_newest_first(world: World) {
    let parent = id("p");
    for (name, at) in [("b", 2), ("c", 3), ("a", 1), ("b", 2)] {
        world.state.add_child(&parent, &id(name), Timestamp::from_millis(at)).await.unwrap();
    }
    assert_eq!(world.state.children(&parent, 9).await.unwrap(), ids(&["c", "b", "a"]));
    assert_eq!(world.state.children(&parent, 2).await.unwrap(), ids(&["c", "b"]));
    assert_eq!(world.state.children(&id("nobody"), 9).await.unwrap(), []);
}

async fn a_key_belongs_to_the_first_for_its_time(world: World) {
    let wanted = |name: &str, key: &str, request: &str| Reservation {
        mark: IdempotencyMark {
            key: Sha256Digest::of(key.as_bytes()),
            request: Sha256Digest::of(request.as_bytes()),
        },
        id: id(name),
        lasting: Duration::from_millis(1500),
    };
    let has = async |wanted: &Reservation| world.state.reserve(wanted).await.unwrap();
    let first = has(&wanted("a", "key", "body")).await;
    assert_eq!((first.id, first.request), (id("a"), Sha256Digest::of(b"body")));
    assert_eq!(has(&wanted("b", "key", "body")).await.id, id("a"));
    assert_eq!(has(&wanted("b", "key", "other")).await.request, Sha256Digest::of(b"body"));
    assert_eq!(has(&wanted("b", "other", "body")).await.id, id("b"));
    if world.is_in_process() {
        world.pass(Duration::from_secs(2));
        assert_eq!(has(&wanted("c", "key", "other")).await.id, id("c"), "its time is over");
    }
}

#[test]
fn a_cursor_sorts_as_both_backends_do() {
    let cursor = |at, name: &str| ListCursor { at: Timestamp::from_millis(at), id: id(name) };
    assert!(
        cursor(1, "z") < cursor(2, "a") && cursor(1, "A") < cursor(1, "a") && cursor(1, "9") < cursor(1, "A")
    );
}
