//! Accepting work, and bringing it back.

use super::world::{id, outcome};
use super::{World, contract};
use crate::{Decider, Restored, RestoredJob, Settled};
use shipstack_types::DeploymentState::{Deployed, Failed, Uploaded, Uploading};
use shipstack_types::{ClaimNumber, Phase, QueueName, Timestamp};
use std::time::Duration;

contract!(
    a_git_source_is_uploading_until_it_is_in,
    an_archive_is_uploaded_at_once,
    accepting_twice_queues_once,
    a_finished_job_is_not_accepted_again,
    an_unknown_id_is_nothing,
    a_restored_job_waits_and_reuses_no_claim_number,
    a_restored_claim_rests_for_two_leases,
    a_claim_of_long_ago_rests_for_a_lease_in_which_its_holder_hears_of_it,
    a_result_in_the_store_ends_whatever_redis_believes,
    restoring_what_runs_changes_nothing,
    a_restored_job_has_an_attempt_left,
    the_index_marker_is_set_once_and_seen,
);

fn restored(name: &str, state: Restored) -> RestoredJob {
    let source_claim = ClaimNumber::new(2);
    RestoredJob {
        id: id(name),
        group: "g".into(),
        state,
        intake_fence: 2,
        build_fence: 4,
        attempt: 1,
        source_claim,
        created_at: Timestamp::from_millis(1_600_000_000_000),
    }
}

async fn a_git_source_is_uploading_until_it_is_in(world: World) {
    let job = id("a");
    world.state.queue_intake(&job, "repo").await.unwrap();
    assert_eq!(world.word(&job).await, Uploading);
    assert!(world.claim(QueueName::Build, "w").await.is_none());
    let claim = world.claim(QueueName::Intake, "w").await.unwrap();
    assert_eq!((claim.number, claim.attempt, claim.group.as_str()), (ClaimNumber::FIRST, 1, "repo"));
    assert_eq!(world.word(&job).await, Uploading);
    world.state.source_ready(&claim).await.unwrap();
    world.state.source_ready(&claim).await.expect("a repeat is the same answer");
    assert_eq!(world.word(&job).await, Uploaded);
    let build = world.claim_build("w").await;
    assert_eq!(
        (build.source_claim, build.number, build.attempt),
        (Some(claim.number), ClaimNumber::FIRST, 1)
    );
}

async fn an_archive_is_uploaded_at_once(world: World) {
    let job = world.archive("a", "g").await;
    assert_eq!(world.word(&job).await, Uploaded);
    let view = world.state.job(&job).await.unwrap().unwrap();
    assert_eq!((view.queue_position, view.phase, view.settling), (Some(1), Phase::Queued, false));
    assert_eq!(world.claim_build("w").await.source_claim, Some(ClaimNumber::FIRST));
}

async fn accepting_twice_queues_once(world: World) {
    world.archive("a", "g").await;
    world.archive("a", "other").await;
    assert_eq!(world.claim_build("w").await.group, "g");
    assert!(world.claim(QueueName::Build, "w").await.is_none());
}

async fn a_finished_job_is_not_accepted_again(world: World) {
    let claim = world.building("a", "w").await;
    world.state.decide(Decider::Holder(&claim), &outcome(Failed)).await.unwrap();
    world.state.settle(&claim.id).await.unwrap();
    world.archive("a", "g").await;
    assert_eq!(world.word(&claim.id).await, Failed);
    assert!(world.claim(QueueName::Build, "w").await.is_none());
}

async fn an_unknown_id_is_nothing(world: World) {
    let nobody = id("nobody");
    assert_eq!(world.state.status(&nobody).await.unwrap(), None);
    assert_eq!(world.state.job(&nobody).await.unwrap(), None);
    assert_eq!(world.state.outcome(&nobody).await.unwrap(), None);
    assert!(world.state.settle(&nobody).await.is_err());
    assert!(world.state.read_log(&nobody, 1, 10).await.unwrap().closed);
}

async fn a_restored_job_waits_and_reuses_no_claim_number(world: World) {
    let job = restored("a", Restored::Waiting { queue: QueueName::Build });
    world.state.restore(&job).await.unwrap();
    world.state.restore(&job).await.unwrap();
    assert_eq!(world.word(&job.id).await, Uploaded);
    let claim = world.claim_build("w").await;
    assert_eq!((claim.number.get(), claim.attempt, claim.source_claim), (5, 2, ClaimNumber::new(2)));
    assert!(world.claim(QueueName::Build, "w").await.is_none(), "restored twice, queued once");
}

async fn a_restored_claim_rests_for_two_leases(world: World) {
    // A clock that runs ahead delays the job by two leases at most.
    for at in [Timestamp::from_millis(u64::MAX / 4096), Timestamp::from_millis(4_000_000_000_000)] {
        let name = format!("a{}", at.as_millis());
        let state = Restored::LastClaimAt { queue: QueueName::Build, at };
        world.state.restore(&restored(&name, state)).await.unwrap();
    }
    world.pass(Duration::from_secs(14));
    assert_eq!(world.state.promote_due().await.unwrap(), 0);
    assert!(world.claim(QueueName::Build, "w").await.is_none());
    world.pass(Duration::from_secs(3));
    assert_eq!(world.state.promote_due().await.unwrap(), 2);
    world.claim_build("w").await;
}

async fn a_claim_of_long_ago_rests_for_a_lease_in_which_its_holder_hears_of_it(world: World) {
    let long_ago = Restored::LastClaimAt { queue: QueueName::Build, at: Timestamp::from_millis(1) };
    world.state.restore(&restored("a", long_ago)).await.unwrap();
    world.pass(Duration::from_secs(7));
    assert_eq!(world.state.promote_due().await.unwrap(), 0);
    world.pass(Duration::from_secs(2));
    assert_eq!(world.state.promote_due().await.unwrap(), 1);
    world.claim_build("w").await;
}

async fn a_result_in_the_store_ends_whatever_redis_believes(world: World) {
    let claim = world.building("a", "w").await;
    let result = restored("a", Restored::Terminal(Deployed));
    world.state.restore(&result).await.unwrap();
    assert_eq!(world.word(&claim.id).await, Deployed);
    assert!(world.state.heartbeat(&claim).await.is_err());
    assert_eq!(world.state.settle(&claim.id).await.unwrap(), Settled::Already);
    world.state.restore(&restored("b", Restored::Terminal(Failed))).await.unwrap();
    assert_eq!(world.word(&id("b")).await, Failed);
    assert_eq!(world.state.unfinished(0).await.unwrap(), (vec![], 0));
}

async fn restoring_what_runs_changes_nothing(world: World) {
    let claim = world.building("a", "w").await;
    let before = world.state.job(&claim.id).await.unwrap();
    world.state.restore(&restored("a", Restored::Waiting { queue: QueueName::Build })).await.unwrap();
    assert_eq!(world.state.job(&claim.id).await.unwrap(), before);
    world.state.heartbeat(&claim).await.unwrap();
}

async fn a_restored_job_has_an_attempt_left(world: World) {
    let job = RestoredJob { attempt: 99, ..restored("a", Restored::Waiting { queue: QueueName::Build }) };
    world.state.restore(&job).await.unwrap();
    assert_eq!(world.claim_build("w").await.attempt, 3);
}

async fn the_index_marker_is_set_once_and_seen(world: World) {
    assert!(!world.state.index_complete().await.unwrap());
    let run = world.state.index_run().await.unwrap();
    world.state.mark_index_complete(&run).await.unwrap();
    assert!(world.state.index_complete().await.unwrap());
}
