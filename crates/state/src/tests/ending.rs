//! Deciding and settling: one outcome, for ever.

use super::world::{line, outcome};
use super::{World, contract};
use crate::{Decider, Decision, Repair, Settled, StateError, Verdict};
use shipstack_types::DeploymentState::{Building, Cancelled, Deployed, Failed};
use shipstack_types::QueueName;
use std::time::Duration;

contract!(
    an_outcome_is_decided_once,
    settling_keeps_the_word_and_the_bytes,
    settling_answers_already_to_its_own_repeat,
    nothing_is_settled_before_it_is_decided,
    what_is_decided_is_nobodys_any_more,
    an_outcome_that_nobody_settles_is_pointed_out,
    every_id_ends_with_one_event,
    a_reaper_decides_nothing_while_the_holder_lives,
);

async fn an_outcome_is_decided_once(world: World) {
    let claim = world.building("a", "w").await;
    let by = Decider::Holder(&claim);
    for _ in 0..2 {
        assert_eq!(world.state.decide(by, &outcome(Failed)).await.unwrap(), Decision::Fixed);
    }
    assert_eq!(world.state.decide(by, &outcome(Deployed)).await.unwrap(), Decision::AlreadyDecided);
    let canceller = Decider::Canceller(&claim.id);
    assert_eq!(world.state.decide(canceller, &outcome(Cancelled)).await.unwrap(), Decision::AlreadyDecided);
    world.state.settle(&claim.id).await.unwrap();
    assert_eq!(
        world.state.decide(by, &outcome(Failed)).await.unwrap(),
        Decision::Fixed,
        "a very late repeat"
    );
    assert_eq!(world.word(&claim.id).await, Failed);
}

async fn settling_keeps_the_word_and_the_bytes(world: World) {
    let claim = world.building("a", "w").await;
    assert_eq!(world.state.outcome(&claim.id).await.unwrap(), None);
    world.state.decide(Decider::Holder(&claim), &outcome(Deployed)).await.unwrap();
    assert_eq!(world.word(&claim.id).await, Building);
    assert!(world.state.job(&claim.id).await.unwrap().unwrap().settling);
    assert_eq!(world.state.outcome(&claim.id).await.unwrap(), Some(outcome(Deployed)));
    assert_eq!(world.state.repair(&claim.id).await.unwrap(), Repair::NeedsSettling);
    world.state.settle(&claim.id).await.unwrap();
    assert_eq!(world.word(&claim.id).await, Deployed);
    assert_eq!(world.state.outcome(&claim.id).await.unwrap(), None, "from now on it is in the store");
    assert_eq!(world.state.repair(&claim.id).await.unwrap(), Repair::Nothing);
}

async fn settling_answers_already_to_its_own_repeat(world: World) {
    let claim = world.building("a", "w").await;
    world.state.decide(Decider::Holder(&claim), &outcome(Failed)).await.unwrap();
    assert_eq!(world.state.settle(&claim.id).await.unwrap(), Settled::Done);
    assert_eq!(world.state.settle(&claim.id).await.unwrap(), Settled::Already);
}

async fn nothing_is_settled_before_it_is_decided(world: World) {
    let claim = world.building("a", "w").await;
    assert!(matches!(world.state.settle(&claim.id).await, Err(StateError::Refused { .. })));
    assert_eq!(world.word(&claim.id).await, Building);
}

async fn what_is_decided_is_nobodys_any_more(world: World) {
    let claim = world.building("a", "w").await;
    world.state.decide(Decider::Holder(&claim), &outcome(Failed)).await.unwrap();
    assert!(world.state.heartbeat(&claim).await.is_err());
    assert!(world.state.append_log(&claim, &[line(1)]).await.is_err());
    assert!(world.state.job(&claim.id).await.unwrap().unwrap().owner.is_none());
    assert!(world.claim(QueueName::Build, "x").await.is_none());
}

async fn an_outcome_that_nobody_settles_is_pointed_out(world: World) {
    let claim = world.building("a", "w").await;
    world.state.decide(Decider::Holder(&claim), &outcome(Deployed)).await.unwrap();
    assert_eq!(world.state.reap().await.unwrap(), [], "its decider is at it");
    world.pass(Duration::from_secs(7));
    assert_eq!(world.state.reap().await.unwrap(), []);
    world.pass(Duration::from_secs(2));
    let found = world.state.reap().await.unwrap();
    assert_eq!(
        found.first().map(|reaped| (&reaped.id, reaped.verdict)),
        Some((&claim.id, Verdict::NeedsSettling))
    );
    assert_eq!(world.state.reap().await.unwrap(), [], "once a lease is enough");
    world.state.settle(&claim.id).await.unwrap();
    world.pass(Duration::from_secs(7));
    assert_eq!(world.state.reap().await.unwrap(), []);
    world.pass(Duration::from_secs(7));
    assert_eq!(world.state.reap().await.unwrap(), []);
}

async fn every_id_ends_with_one_event(world: World) {
    for number in 0..10 {
        let claim = world.building(&format!("j{number}"), "w").await;
        for _ in 0..3 {
            world.state.decide(Decider::Holder(&claim), &outcome(Deployed)).await.unwrap();
        }
        for _ in 0..3 {
            world.state.settle(&claim.id).await.unwrap();
        }
    }
    let mut ended = world.events("deployed").await;
    assert_eq!(ended.len(), 10);
    ended.sort();
    ended.dedup();
    assert_eq!(ended.len(), 10);
    assert_eq!(world.events("settling").await.len(), 10);
}

async fn a_reaper_decides_nothing_while_the_holder_lives(world: World) {
    let claim = world.building("a", "w").await;
    let by = Decider::Reaper { id: &claim.id, queue: claim.queue, fence: claim.number };
    assert_eq!(world.state.decide(by, &outcome(Failed)).await.unwrap(), Decision::TooLate);
    world.reap_after_lease().await;
    assert_eq!(
        world.state.decide(by, &outcome(Failed)).await.unwrap(),
        Decision::TooLate,
        "it was given back"
    );
    assert_eq!(world.claim_build("x").await.id, claim.id);
}
