//! The lost reply is the fault that finds bugs (reliability.md, beginning).

use super::{World, connect, id, line, outcome, worker};
use crate::backend::AnyBackend;
use crate::{
    CancelAnswer, ClaimRequest, Decider, Decision, HandBack, HandedBack, QueueTake, Reservation, Restored,
    RestoredJob, Settled, State,
};
use shipstack_testkit::{FaultProxy, wait_until};
use shipstack_types::DeploymentState::{Cancelled, Deployed};
use shipstack_types::{ClaimNumber, IdempotencyMark, Phase, QueueName, Sha256Digest, Timestamp};
use std::sync::Arc;
use std::time::Duration;

/// A world whose state talks through a proxy, which loses the next reply before every call.
struct Lossy {
    world: World,
    proxy: FaultProxy,
}

impl Lossy {
    async fn start() -> Option<Self> {
        let world = World::redis().await?;
        teach_all_scripts(&world).await;
        let proxy = FaultProxy::start(world.server().upstream()).unwrap();
        let state = connect(&proxy.redis_url(), QueueTake::Claim).await;
        if let AnyBackend::Redis(backend) = state.backend() {
            backend.stop_listening();
        }
        let server = Arc::clone(world.server());
        // The first state listens too.
        drop(world);
        let world = World::on(server, state);
        wait_until("nobody listens", || async { world.raw("PUBSUB NUMSUB @wake").ends_with(":0\r\n") }).await;
        Some(Self { world, proxy })
    }

    /// The state, after the proxy was told to lose the reply of the next command.
    async fn state(&self) -> &State {
        // A connection that is made now would have its greeting lost instead of the command's reply.
        self.world.state.index_complete().await.unwrap();
        self.proxy.lose_replies(1);
        &self.world.state
    }
}

/// A server that does not know a script says so first, and that would be the reply that is lost.
async fn teach_all_scripts(world: &World) {
    let claim = world.building("taught", "teacher").await;
    world.state.append_log(&claim, &[line(1)]).await.unwrap();
    world.state.read_log(&claim.id, 1, 1).await.unwrap();
    world.state.repair(&claim.id).await.unwrap();
    world.state.sweep(QueueName::Build, &worker("teacher"), &[]).await.unwrap();
    world.state.reap().await.unwrap();
    world.state.promote_due().await.unwrap();
    world.state.unlock("l", &worker("teacher")).await.unwrap();
    world.state.decide(Decider::Holder(&claim), &outcome(Cancelled)).await.unwrap();
    world.state.settle(&claim.id).await.unwrap();
}

#[tokio::test]
async fn every_call_heals_when_its_reply_is_lost() {
    let Some(lossy) = Lossy::start().await else { return };
    let world = &lossy.world;
    lossy.state().await.queue_intake(&id("a"), "g").await.unwrap();
    let request = ClaimRequest { worker: worker("w"), nonce: 900 };
    let intake = lossy.state().await.claim_next(QueueName::Intake, &request).await.unwrap().unwrap();
    assert_eq!((intake.number, intake.attempt), (ClaimNumber::FIRST, 1));
    lossy.state().await.heartbeat(&intake).await.unwrap();
    lossy.state().await.enter_phase(&intake, Phase::Snapshotting, Some(&line(1))).await.unwrap();
    lossy.state().await.append_log(&intake, &[line(2), line(3)]).await.unwrap();
    lossy.state().await.source_ready(&intake).await.unwrap();

    let request = ClaimRequest { worker: worker("w"), nonce: 901 };
    let build = lossy.state().await.claim_next(QueueName::Build, &request).await.unwrap().unwrap();
    assert_eq!((build.number, build.attempt, build.next_log_seq), (ClaimNumber::FIRST, 1, 4));
    let drained = lossy.state().await.hand_back(&build, HandBack::Drain).await.unwrap();
    assert_eq!(drained, HandedBack::Queued);
    let build = world.claim_build("w").await;
    let why = HandBack::PlatformFault { retry_after: Duration::from_secs(1) };
    assert_eq!(lossy.state().await.hand_back(&build, why).await.unwrap(), HandedBack::Queued);
    world.pass(Duration::from_secs(2));
    lossy.state().await.promote_due().await.unwrap();
    let build = world.claim_build("w").await;
    assert_eq!((build.number.get(), build.attempt), (3, 2));

    let decided = lossy.state().await.decide(Decider::Holder(&build), &outcome(Deployed)).await.unwrap();
    assert_eq!(decided, Decision::Fixed);
    assert_eq!(lossy.state().await.settle(&build.id).await.unwrap(), Settled::Already);
    assert_eq!(world.word(&build.id).await, Deployed);
    assert_eq!(world.state.read_log(&build.id, 1, 10).await.unwrap().lines, [line(1), line(2), line(3)]);
    assert_eq!(world.events("deployed").await.len(), 1);
    assert!(lossy.proxy.lost_replies() >= 12, "{}", lossy.proxy.lost_replies());
}

#[tokio::test]
async fn accepting_and_cancelling_heal_too() {
    let Some(lossy) = Lossy::start().await else { return };
    let world = &lossy.world;
    lossy.state().await.queue_build(&id("a"), "g", ClaimNumber::FIRST).await.unwrap();
    assert_eq!(world.raw("LLEN @build-queue"), ":1\r\n");
    assert_eq!(lossy.state().await.request_cancel(&id("a")).await.unwrap(), CancelAnswer::Waiting);
    let by = id("a");
    let decided = lossy.state().await.decide(Decider::Canceller(&by), &outcome(Cancelled)).await.unwrap();
    assert_eq!(decided, Decision::Fixed);
    let state = Restored::Waiting { queue: QueueName::Build };
    let job = RestoredJob {
        id: id("b"),
        group: "g".to_owned(),
        state,
        intake_fence: 1,
        build_fence: 1,
        attempt: 0,
        source_claim: None,
        created_at: Timestamp::from_millis(1),
    };
    lossy.state().await.restore(&job).await.unwrap();
    assert_eq!(world.raw("LLEN @build-queue"), ":1\r\n");
    assert!(lossy.state().await.try_lock("l", &worker("w"), Duration::from_secs(9)).await.unwrap());
    lossy.state().await.unlock("l", &worker("w")).await.unwrap();
    lossy.state().await.repair(&id("b")).await.unwrap();
    let digest = Sha256Digest::of(b"key");
    let wanted = Reservation {
        mark: IdempotencyMark { key: digest, request: digest },
        id: id("b"),
        lasting: Duration::from_secs(9),
    };
    assert_eq!(lossy.state().await.reserve(&wanted).await.unwrap().id, id("b"));
    assert_eq!(lossy.state().await.settle(&id("a")).await.unwrap(), Settled::Already);
    assert!(lossy.state().await.forget(&id("a")).await.unwrap());
    assert_eq!(world.state.status(&id("a")).await.unwrap(), None);
    lossy.state().await.check().await.unwrap();
}

#[tokio::test]
async fn a_reply_that_is_lost_for_good_is_swept_or_reaped() {
    let Some(lossy) = Lossy::start().await else { return };
    let world = &lossy.world;
    world.archive("a", "g").await;
    let request = world.request("w");
    lossy.proxy.lose_replies(1000);
    assert!(world.state.claim_next(QueueName::Build, &request).await.unwrap_err().is_unavailable());
    lossy.proxy.lose_replies(0);
    lossy.proxy.allow();
    let direct = connect(&world.server().url(), QueueTake::Claim).await;
    world.pass_a_moment();
    assert_eq!(direct.sweep(QueueName::Build, &worker("w"), &[]).await.unwrap(), 1);
    let claim = direct.claim_next(QueueName::Build, &world.request("x")).await.unwrap().unwrap();
    assert_eq!((claim.id, claim.attempt), (id("a"), 1));
}

#[tokio::test]
async fn a_storm_of_lost_replies_loses_and_doubles_nothing() {
    let Some(lossy) = Lossy::start().await else { return };
    let world = &lossy.world;
    for number in 0..40 {
        world.archive(&format!("j{number}"), &format!("g{}", number % 5)).await;
    }
    lossy.proxy.lose_replies_at_random(30, 7);
    let mut ended = 0;
    while ended < 40 {
        let Ok(claim) = world.state.claim_next(QueueName::Build, &world.request("w")).await else { continue };
        let Some(claim) = claim else {
            world.pass_a_moment();
            let _healed = world.state.sweep(QueueName::Build, &worker("w"), &[]).await;
            continue;
        };
        let decided = world.state.decide(Decider::Holder(&claim), &outcome(Deployed)).await;
        if decided.is_ok() && world.state.settle(&claim.id).await.is_ok() {
            ended += 1;
        }
    }
    let direct =
        World::on(Arc::clone(world.server()), connect(&world.server().url(), QueueTake::Claim).await);
    assert_eq!(direct.events("deployed").await.len(), 40);
    assert!(lossy.proxy.lost_replies() > 0);
}
