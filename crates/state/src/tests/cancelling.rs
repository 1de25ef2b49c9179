//! Cancel meets every state.

use super::world::{id, outcome};
use super::{World, contract};
use crate::{CancelAnswer, Decider, Decision, HandBack, Repair, StateError, Verdict};
use shipstack_types::DeploymentState::{Cancelled, Deployed, Failed};
use shipstack_types::QueueName;
use shipstack_types::job::Refusal;
use std::time::Duration;

contract!(
    what_waits_is_cancelled_at_once,
    what_rests_is_cancelled_at_once,
    a_holder_is_told_and_can_only_cancel,
    a_holder_is_woken,
    a_cancelled_intake_does_not_become_a_build,
    once_settling_it_is_too_late,
    what_is_over_stays_over,
    nobody_is_cancelled_by_a_name_alone,
    a_canceller_that_dies_is_made_good,
    a_holder_that_dies_while_being_cancelled_leaves_a_cancelled_job,
    a_race_with_the_end_has_one_winner,
);

async fn cancel_waiting(world: &World, job: &str) {
    let job = id(job);
    assert_eq!(world.state.request_cancel(&job).await.unwrap(), CancelAnswer::Waiting);
    assert_eq!(world.state.request_cancel(&job).await.unwrap(), CancelAnswer::Waiting, "the same again");
    assert_eq!(world.state.job(&job).await.unwrap().unwrap().queue_position, None, "nobody can take it");
    let answer = world.state.decide(Decider::Canceller(&job), &outcome(Cancelled)).await.unwrap();
    assert_eq!(answer, Decision::Fixed);
    world.state.settle(&job).await.unwrap();
    assert_eq!(world.word(&job).await, Cancelled);
    assert!(world.claim(QueueName::Build, "w").await.is_none());
    assert!(world.claim(QueueName::Intake, "w").await.is_none());
}

async fn what_waits_is_cancelled_at_once(world: World) {
    world.archive("build", "g").await;
    cancel_waiting(&world, "build").await;
    world.state.queue_intake(&id("intake"), "g").await.unwrap();
    cancel_waiting(&world, "intake").await;
}

async fn what_rests_is_cancelled_at_once(world: World) {
    let claim = world.building("a", "w").await;
    let why = HandBack::PlatformFault { retry_after: Duration::from_secs(2) };
    world.state.hand_back(&claim, why).await.unwrap();
    cancel_waiting(&world, "a").await;
    world.pass(Duration::from_secs(3));
    assert_eq!(world.state.promote_due().await.unwrap(), 0);
}

async fn a_holder_is_told_and_can_only_cancel(world: World) {
    let claim = world.building("a", "w").await;
    assert!(!world.state.heartbeat(&claim).await.unwrap().cancel);
    assert_eq!(world.state.request_cancel(&claim.id).await.unwrap(), CancelAnswer::Holder);
    assert!(world.state.heartbeat(&claim).await.unwrap().cancel);
    let by = Decider::Holder(&claim);
    assert_eq!(world.state.decide(by, &outcome(Deployed)).await.unwrap(), Decision::CancelRequested);
    let canceller = Decider::Canceller(&claim.id);
    assert_eq!(world.state.decide(canceller, &outcome(Cancelled)).await.unwrap(), Decision::TooLate);
    assert_eq!(world.state.decide(by, &outcome(Cancelled)).await.unwrap(), Decision::Fixed);
}

async fn a_holder_is_woken(world: World) {
    let claim = world.building("a", "w").await;
    let (state, held) = (world.state.clone(), claim.clone());
    let waiting = tokio::spawn(async move { state.cancel_requested(&held).await });
    tokio::task::yield_now().await;
    assert!(!waiting.is_finished());
    world.state.request_cancel(&claim.id).await.unwrap();
    tokio::time::timeout(Duration::from_secs(3), waiting).await.expect("within a heartbeat").unwrap();
}

async fn a_cancelled_intake_does_not_become_a_build(world: World) {
    world.state.queue_intake(&id("a"), "g").await.unwrap();
    let claim = world.claim(QueueName::Intake, "w").await.unwrap();
    assert_eq!(world.state.request_cancel(&claim.id).await.unwrap(), CancelAnswer::Holder);
    let refused = world.state.source_ready(&claim).await;
    assert!(matches!(refused, Err(StateError::Refused { refusal: Refusal::Cancelled, .. })));
    world.state.decide(Decider::Holder(&claim), &outcome(Cancelled)).await.unwrap();
    world.state.settle(&claim.id).await.unwrap();
    assert_eq!(world.word(&claim.id).await, Cancelled);
}

async fn once_settling_it_is_too_late(world: World) {
    let claim = world.building("a", "w").await;
    world.state.decide(Decider::Holder(&claim), &outcome(Deployed)).await.unwrap();
    assert_eq!(world.state.request_cancel(&claim.id).await.unwrap(), CancelAnswer::TooLate);
    world.state.settle(&claim.id).await.unwrap();
    assert_eq!(world.word(&claim.id).await, Deployed);
}

async fn what_is_over_stays_over(world: World) {
    let claim = world.building("a", "w").await;
    world.state.decide(Decider::Holder(&claim), &outcome(Failed)).await.unwrap();
    world.state.settle(&claim.id).await.unwrap();
    let answer = world.state.request_cancel(&claim.id).await.unwrap();
    assert_eq!(answer, CancelAnswer::AlreadyTerminal(Failed));
    assert_eq!(world.state.request_cancel(&id("nobody")).await.unwrap(), CancelAnswer::Unknown);
}

async fn nobody_is_cancelled_by_a_name_alone(world: World) {
    let job = world.archive("a", "g").await;
    let answer = world.state.decide(Decider::Canceller(&job), &outcome(Cancelled)).await.unwrap();
    assert_eq!(answer, Decision::TooLate, "it was never asked for");
    assert_eq!(world.claim_build("w").await.id, job);
}

async fn a_canceller_that_dies_is_made_good(world: World) {
    let job = world.archive("a", "g").await;
    world.state.request_cancel(&job).await.unwrap();
    assert!(world.claim(QueueName::Build, "w").await.is_none(), "nobody takes it any more");
    assert_eq!(world.state.repair(&job).await.unwrap(), Repair::CancelPending);
    let answer = world.state.decide(Decider::Canceller(&job), &outcome(Cancelled)).await.unwrap();
    assert_eq!(answer, Decision::Fixed);
}

async fn a_holder_that_dies_while_being_cancelled_leaves_a_cancelled_job(world: World) {
    let claim = world.building("a", "w").await;
    world.state.request_cancel(&claim.id).await.unwrap();
    let found = world.reap_after_lease().await;
    assert_eq!(found.first().map(|reaped| reaped.verdict), Some(Verdict::Cancelled));
    let by = Decider::Reaper { id: &claim.id, queue: claim.queue, fence: claim.number };
    assert_eq!(world.state.decide(by, &outcome(Cancelled)).await.unwrap(), Decision::Fixed);
}

async fn a_race_with_the_end_has_one_winner(world: World) {
    let (mut deployed, mut cancelled) = (0, 0);
    for number in 0..1000 {
        let claim = world.building(&format!("j{number}"), "w").await;
        let good = outcome(Deployed);
        let decide = world.state.decide(Decider::Holder(&claim), &good);
        let cancel = world.state.request_cancel(&claim.id);
        let (decided, answer) = if number % 2 == 0 {
            tokio::join!(decide, cancel)
        } else {
            let (answer, decided) = tokio::join!(cancel, decide);
            (decided, answer)
        };
        match (decided.unwrap(), answer.unwrap()) {
            (Decision::Fixed, CancelAnswer::TooLate) => deployed += 1,
            (Decision::CancelRequested, CancelAnswer::Holder) => {
                cancelled += 1;
                world.state.decide(Decider::Holder(&claim), &outcome(Cancelled)).await.unwrap();
            }
            other => panic!("two winners or none: {other:?}"),
        }
        world.state.settle(&claim.id).await.unwrap();
    }
    assert_eq!(world.events("deployed").await.len(), deployed);
    assert_eq!(world.events("cancelled").await.len(), cancelled);
    assert!(deployed > 0 && cancelled > 0, "{deployed} {cancelled}");
}
