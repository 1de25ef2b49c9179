//! Leases: who may do what, until when.

use super::world::{line, outcome};
use super::{World, contract};
use crate::{Decider, Decision, HandBack, HandedBack, StateError, Verdict};
use shipstack_types::DeploymentState::{Building, Cancelled, Deployed, Failed, Uploaded};
use shipstack_types::{Phase, PlanView, QueueName, RelPath};
use std::time::Duration;

contract!(
    a_lost_worker_gives_its_job_back,
    a_living_worker_keeps_its_job,
    a_heartbeat_between_two_looks_saves_the_claim,
    two_looks_right_after_each_other_are_one,
    a_worker_that_lost_its_lease_changes_nothing,
    the_first_holder_cannot_use_the_second_claim_of_its_own,
    a_job_that_kills_its_workers_is_given_up_after_three_attempts_and_delays_nobody,
    a_heartbeat_cannot_keep_a_hung_build_alive,
    a_drained_job_goes_to_the_front_without_costing_an_attempt,
    a_platform_fault_rests_and_goes_to_the_front,
    a_third_platform_fault_is_the_holders_to_decide,
    a_repeated_hand_back_gets_the_same_answer,
    phases_go_forward_and_are_timed,
    a_late_duplicate_of_a_phase_is_ignored,
    a_plan_is_seen_from_its_decision_to_the_end,
    a_plan_of_a_lost_claim_is_not_taken,
);

fn plan(command: &str) -> PlanView {
    PlanView {
        framework: Some("vite".into()),
        package_manager: None,
        node: Some("22".to_owned()),
        directory: RelPath::root(),
        install: Some("npm ci".to_owned()),
        command: Some(command.to_owned()),
        output: "dist".parse().unwrap(),
        notes: vec!["\"quoted\" \u{1b} ✓".to_owned()],
    }
}

async fn a_plan_is_seen_from_its_decision_to_the_end(world: World) {
    let claim = world.building("a", "w").await;
    let seen = async || world.state.job(&claim.id).await.unwrap().expect("a job").plan;
    assert_eq!(seen().await, None);
    for command in ["npm run build", "npm run other"] {
        world.state.note_plan(&claim, &plan(command)).await.unwrap();
        assert_eq!(seen().await, Some(plan(command)));
    }
    world.state.heartbeat(&claim).await.unwrap();
    world.state.enter_phase(&claim, Phase::Installing, None).await.unwrap();
    world.state.decide(Decider::Holder(&claim), &outcome(Failed)).await.unwrap();
    assert_eq!(seen().await, Some(plan("npm run other")), "the result is not in the store yet");
    world.state.settle(&claim.id).await.unwrap();
    assert_eq!(seen().await, None, "the result has it");
}

async fn a_plan_of_a_lost_claim_is_not_taken(world: World) {
    let claim = world.building("a", "w").await;
    world.reap_after_lease().await;
    let heir = world.claim_build("x").await;
    let lost = world.state.note_plan(&claim, &plan("npm run build")).await;
    assert!(matches!(lost, Err(StateError::LeaseLost { .. })), "{lost:?}");
    assert_eq!(world.state.job(&heir.id).await.unwrap().unwrap().plan, None);
}

async fn a_lost_worker_gives_its_job_back(world: World) {
    let claim = world.building("a", "w").await;
    world.archive("b", "group").await;
    let found = world.reap_after_lease().await;
    assert_eq!(found.len(), 1);
    assert_eq!(
        (&found[0].id, found[0].fence, found[0].verdict),
        (&claim.id, claim.number, Verdict::GivenBack)
    );
    assert_eq!(world.word(&claim.id).await, Uploaded);
    let next = world.claim_build("x").await;
    assert_eq!((next.id, next.number, next.attempt), (claim.id, claim.number.next(), 2), "to the front");
    assert_eq!(world.state.reap().await.unwrap(), []);
}

async fn a_living_worker_keeps_its_job(world: World) {
    let claim = world.building("a", "w").await;
    for _ in 0..10 {
        world.pass(Duration::from_secs(6));
        world.state.heartbeat(&claim).await.unwrap();
        assert_eq!(world.state.reap().await.unwrap(), []);
    }
    assert_eq!(world.word(&claim.id).await, Building);
}

async fn a_heartbeat_between_two_looks_saves_the_claim(world: World) {
    let claim = world.building("a", "w").await;
    world.pass(Duration::from_secs(9));
    world.state.reap().await.unwrap();
    world.state.heartbeat(&claim).await.unwrap();
    world.pass(Duration::from_secs(2));
    assert_eq!(world.state.reap().await.unwrap(), []);
    // And the suspicion is forgotten: it takes two new looks.
    assert_eq!(world.reap_after_lease().await.len(), 1);
}

async fn two_looks_right_after_each_other_are_one(world: World) {
    world.building("a", "w").await;
    world.pass(Duration::from_secs(9));
    for _ in 0..5 {
        assert_eq!(world.state.reap().await.unwrap(), []);
    }
}

async fn a_worker_that_lost_its_lease_changes_nothing(world: World) {
    let zombie = world.building("a", "w").await;
    world.reap_after_lease().await;
    let heir = world.claim_build("x").await;
    let before = world.state.job(&heir.id).await.unwrap();
    let state = &world.state;
    let lost = |answer: Result<(), StateError>| matches!(answer, Err(StateError::LeaseLost { .. }));
    assert!(lost(state.heartbeat(&zombie).await.map(|_| ())));
    assert!(lost(state.enter_phase(&zombie, Phase::Storing, Some(&line(1))).await));
    assert!(lost(state.source_ready(&zombie).await));
    assert!(lost(state.append_log(&zombie, &[line(1)]).await));
    assert!(lost(state.decide(Decider::Holder(&zombie), &outcome(Deployed)).await.map(|_| ())));
    assert!(lost(state.hand_back(&zombie, HandBack::Drain).await.map(|_| ())));
    let fault = HandBack::PlatformFault { retry_after: Duration::ZERO };
    assert!(lost(state.hand_back(&zombie, fault).await.map(|_| ())));
    assert_eq!(world.state.job(&heir.id).await.unwrap(), before);
    assert!(world.state.read_log(&heir.id, 1, 10).await.unwrap().lines.is_empty());
}

async fn the_first_holder_cannot_use_the_second_claim_of_its_own(world: World) {
    let first = world.building("a", "w").await;
    world.reap_after_lease().await;
    let second = world.claim_build("w").await;
    assert!(world.state.heartbeat(&first).await.is_err());
    world.state.heartbeat(&second).await.unwrap();
}

async fn a_job_that_kills_its_workers_is_given_up_after_three_attempts_and_delays_nobody(world: World) {
    world.archive("poison", "p").await;
    for number in 0..20 {
        world.archive(&format!("good{number}"), &format!("g{number}")).await;
    }
    let mut killed = 0;
    let mut done = 0;
    let mut found = Vec::new();
    while done < 20 || killed < 3 {
        let Some(claim) = world.claim(QueueName::Build, "w").await else {
            found = world.reap_after_lease().await;
            continue;
        };
        if claim.id.as_str() == "poison" {
            killed += 1;
            continue;
        }
        world.state.decide(Decider::Holder(&claim), &outcome(Deployed)).await.unwrap();
        world.state.settle(&claim.id).await.unwrap();
        done += 1;
    }
    assert_eq!(found.first().map(|reaped| reaped.verdict), Some(Verdict::GivenBack));
    let last = world.reap_after_lease().await;
    assert_eq!(last.len(), 1);
    assert_eq!(last[0].verdict, Verdict::AttemptsUsedUp);
    let by = Decider::Reaper { id: &last[0].id, queue: last[0].queue, fence: last[0].fence };
    assert_eq!(world.state.decide(by, &outcome(Failed)).await.unwrap(), Decision::Fixed);
    world.state.settle(&last[0].id).await.unwrap();
    assert_eq!(world.word(&last[0].id).await, Failed);
    assert_eq!(world.state.unfinished(0).await.unwrap(), (vec![], 0));
}

async fn a_heartbeat_cannot_keep_a_hung_build_alive(world: World) {
    let claim = world.building("a", "w").await;
    let deadline = world.state.timing().rules.build_deadline;
    world.pass(deadline.checked_sub(Duration::from_secs(3)).unwrap());
    world.state.heartbeat(&claim).await.unwrap();
    world.pass(Duration::from_secs(4));
    assert!(matches!(world.state.heartbeat(&claim).await, Err(StateError::LeaseLost { .. })));
    assert_eq!(world.state.reap().await.unwrap(), []);
    world.pass(Duration::from_secs(2));
    let found = world.state.reap().await.unwrap();
    assert_eq!(found.first().map(|reaped| reaped.verdict), Some(Verdict::DeadlinePassed));
    let by = Decider::Reaper { id: &claim.id, queue: claim.queue, fence: claim.number };
    assert_eq!(world.state.decide(by, &outcome(Failed)).await.unwrap(), Decision::Fixed);
}

async fn a_drained_job_goes_to_the_front_without_costing_an_attempt(world: World) {
    let mut claim = world.building("a", "w").await;
    world.archive("b", "group").await;
    for number in 2..=8 {
        assert_eq!(world.state.hand_back(&claim, HandBack::Drain).await.unwrap(), HandedBack::Queued);
        assert_eq!(world.word(&claim.id).await, Uploaded);
        claim = world.claim_build("w").await;
        assert_eq!((claim.id.as_str(), claim.number.get(), claim.attempt), ("a", number, 1));
    }
}

async fn a_platform_fault_rests_and_goes_to_the_front(world: World) {
    let claim = world.building("a", "w").await;
    world.archive("b", "group").await;
    let why = HandBack::PlatformFault { retry_after: Duration::from_secs(10) };
    assert_eq!(world.state.hand_back(&claim, why).await.unwrap(), HandedBack::Queued);
    let view = world.state.job(&claim.id).await.unwrap().unwrap();
    assert_eq!((view.state, view.phase, view.queue_position), (Uploaded, Phase::Retrying, None));
    world.pass(Duration::from_secs(5));
    assert_eq!(world.state.promote_due().await.unwrap(), 0);
    world.pass(Duration::from_secs(6));
    assert_eq!(world.state.promote_due().await.unwrap(), 1);
    assert_eq!(world.state.promote_due().await.unwrap(), 0);
    let again = world.claim_build("w").await;
    assert_eq!((again.id, again.attempt), (claim.id, 2));
}

async fn a_third_platform_fault_is_the_holders_to_decide(world: World) {
    let mut claim = world.building("a", "w").await;
    let why = HandBack::PlatformFault { retry_after: Duration::ZERO };
    for _ in 0..2 {
        assert_eq!(world.state.hand_back(&claim, why).await.unwrap(), HandedBack::Queued);
        world.pass(Duration::from_secs(1));
        world.state.promote_due().await.unwrap();
        claim = world.claim_build("w").await;
    }
    assert_eq!(world.state.hand_back(&claim, why).await.unwrap(), HandedBack::AttemptsUsedUp);
    let decided = world.state.decide(Decider::Holder(&claim), &outcome(Failed)).await.unwrap();
    assert_eq!(decided, Decision::Fixed);
}

async fn a_repeated_hand_back_gets_the_same_answer(world: World) {
    let drained = world.building("a", "w").await;
    for _ in 0..2 {
        assert_eq!(world.state.hand_back(&drained, HandBack::Drain).await.unwrap(), HandedBack::Queued);
    }
    let faulty = world.claim_build("w").await;
    let why = HandBack::PlatformFault { retry_after: Duration::from_secs(1) };
    for _ in 0..2 {
        assert_eq!(world.state.hand_back(&faulty, why).await.unwrap(), HandedBack::Queued);
    }
    world.pass(Duration::from_secs(2));
    assert_eq!(world.state.promote_due().await.unwrap(), 1);
    assert_eq!(world.claim_build("w").await.attempt, 2);
    assert!(world.claim(QueueName::Build, "w").await.is_none());
}

async fn phases_go_forward_and_are_timed(world: World) {
    let claim = world.building("a", "w").await;
    world.pass(Duration::from_secs(3));
    world.state.enter_phase(&claim, Phase::Building, Some(&line(1))).await.unwrap();
    world.pass(Duration::from_secs(4));
    world.state.decide(Decider::Holder(&claim), &outcome(Deployed)).await.unwrap();
    world.pass(Duration::from_secs(1));
    world.state.settle(&claim.id).await.unwrap();
    let phases = world.state.job(&claim.id).await.unwrap().unwrap().phases;
    let names: Vec<_> = phases.iter().map(|timing| timing.phase).collect();
    assert_eq!(names, [Phase::Queued, Phase::Preparing, Phase::Building, Phase::Publishing]);
    let spans: Vec<_> =
        phases.iter().map(|timing| timing.ended_at.unwrap().since(timing.started_at).as_secs()).collect();
    assert_eq!(spans, [0, 3, 4, 1]);
    assert_eq!(world.state.read_log(&claim.id, 1, 10).await.unwrap().lines, [line(1)]);
}

async fn a_late_duplicate_of_a_phase_is_ignored(world: World) {
    let claim = world.building("a", "w").await;
    world.state.enter_phase(&claim, Phase::Building, None).await.unwrap();
    world.state.enter_phase(&claim, Phase::Installing, None).await.unwrap();
    let view = world.state.job(&claim.id).await.unwrap().unwrap();
    assert_eq!((view.phase, view.phases.len()), (Phase::Building, 3));
    world.state.request_cancel(&claim.id).await.unwrap();
    let answer = world.state.decide(Decider::Holder(&claim), &outcome(Cancelled)).await.unwrap();
    assert_eq!(answer, Decision::Fixed);
}
