//! What waits gives way to something newer, and what is in somebody's hands does not.

use super::world::{id, outcome};
use super::{World, contract};
use crate::{Decider, Decision, HandBack};
use shipstack_types::DeploymentState::{Building, Cancelled, Failed, Uploaded, Uploading};
use shipstack_types::QueueName;
use std::time::Duration;

contract!(
    what_waits_of_a_group_is_found_wherever_it_waits,
    what_waits_gives_way_and_nobody_takes_it,
    what_was_claimed_first_builds_on,
    what_is_being_cancelled_is_not_superseded,
    a_race_with_a_claim_has_one_winner,
);

async fn found(world: &World, beside: &str) -> Vec<String> {
    let found = world.state.waiting_beside(&id(beside)).await.unwrap();
    found.iter().map(ToString::to_string).collect()
}

async fn supersede(world: &World, job: &str) -> Decision {
    let job = id(job);
    let decision = world.state.decide(Decider::Superseder(&job), &outcome(Failed)).await.unwrap();
    if decision == Decision::Fixed {
        world.state.settle(&job).await.unwrap();
    }
    decision
}

async fn what_waits_of_a_group_is_found_wherever_it_waits(world: World) {
    world.building("rests", "w").await;
    let claim = world.building("runs", "w").await;
    assert_eq!(found(&world, "runs").await, [""; 0], "both are in somebody's hands");
    world
        .state
        .hand_back(&claim, HandBack::PlatformFault { retry_after: Duration::from_secs(2) })
        .await
        .unwrap();
    world.archive("waits", "group").await;
    world.state.queue_intake(&id("comes-in"), "group").await.unwrap();
    world.archive("other", "another group").await;
    world.archive("goes", "group").await;
    world.state.request_cancel(&id("goes")).await.unwrap();
    world.archive("new", "group").await;
    assert_eq!(found(&world, "new").await, ["comes-in", "runs", "waits"]);
    assert_eq!(found(&world, "nobody").await, [""; 0]);
}

async fn what_waits_gives_way_and_nobody_takes_it(world: World) {
    world.archive("old", "g").await;
    world.state.queue_intake(&id("older"), "g").await.unwrap();
    assert_eq!((world.word(&id("old")).await, world.word(&id("older")).await), (Uploaded, Uploading));
    for job in ["old", "older"] {
        assert_eq!(supersede(&world, job).await, Decision::Fixed);
        assert_eq!(world.word(&id(job)).await, Failed);
    }
    assert!(world.claim(QueueName::Build, "w").await.is_none());
    assert!(world.claim(QueueName::Intake, "w").await.is_none());
    assert_eq!(world.events("failed").await, [id("old"), id("older")], "each ends once");
}

async fn what_was_claimed_first_builds_on(world: World) {
    let claim = world.building("a", "w").await;
    assert_eq!(supersede(&world, "a").await, Decision::TooLate);
    assert_eq!(world.word(&claim.id).await, Building);
    assert!(world.state.heartbeat(&claim).await.is_ok());
}

async fn what_is_being_cancelled_is_not_superseded(world: World) {
    world.archive("a", "g").await;
    world.state.request_cancel(&id("a")).await.unwrap();
    assert_eq!(supersede(&world, "a").await, Decision::CancelRequested);
    let by = id("a");
    world.state.decide(Decider::Canceller(&by), &outcome(Cancelled)).await.unwrap();
    world.state.settle(&by).await.unwrap();
    assert_eq!(supersede(&world, "a").await, Decision::AlreadyDecided, "what has ended stays");
    assert_eq!(world.word(&by).await, Cancelled);
}

async fn a_race_with_a_claim_has_one_winner(world: World) {
    for round in 0..50 {
        let job = world.archive(&format!("job{round}"), "g").await;
        let (claimed, decided) =
            tokio::join!(world.claim(QueueName::Build, "w"), supersede(&world, job.as_str()));
        match claimed {
            Some(claim) => {
                assert_eq!((&claim.id, decided), (&job, Decision::TooLate));
                world.state.decide(Decider::Holder(&claim), &outcome(Failed)).await.unwrap();
                world.state.settle(&job).await.unwrap();
            }
            None => assert_eq!(decided, Decision::Fixed),
        }
        assert_eq!(world.word(&job).await, Failed);
    }
}
