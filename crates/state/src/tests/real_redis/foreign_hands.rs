//! Keys that somebody else writes, damages or deletes (hostile.md, section 4).

use super::{World, connect_with, id, line, outcome, worker};
use crate::{Amiss, Claim, Decider, Decision, QueueTake, Repair, StateError, Timing, Verdict, Warning};
use shipstack_types::DeploymentState::{self, Building, Deployed, Failed, Uploaded};
use shipstack_types::QueueName;

async fn world() -> Option<World> {
    World::redis().await
}

async fn finish(world: &World, claim: &Claim, state: DeploymentState) {
    assert_eq!(world.state.decide(Decider::Holder(claim), &outcome(state)).await.unwrap(), Decision::Fixed);
    world.state.settle(&claim.id).await.unwrap();
}

/// What a job leaves behind once it is over: its hash, its word, its log and the events.
fn nothing_is_left(world: &World) {
    for key in ["build-queue", "intake-queue"] {
        assert_eq!(world.raw(&format!("LLEN @{key}")), ":0\r\n", "{key}");
    }
    for key in ["leases:build", "leases:intake", "retry-at:build", "settling"] {
        assert_eq!(world.raw(&format!("ZCARD @{key}")), ":0\r\n", "{key}");
    }
    assert_eq!(world.raw("HLEN @suspects"), ":0\r\n");
    assert_eq!(world.raw("SCARD @unfinished"), ":0\r\n");
    assert_eq!(world.raw("KEYS @taken:*"), "*0\r\n");
}

#[tokio::test]
async fn garbage_in_the_queue_goes_to_the_dead_letters_and_stops_nobody() {
    let Some(world) = world().await else { return };
    let quoted = [
        (r#""""#, "empty", ""),
        (r#""   ""#, "not an id", "   "),
        (r#""\n""#, "not an id", r"\x0a"),
        (r#""abc\n""#, "not an id", r"abc\x0a"),
        (r#"" abc ""#, "not an id", " abc "),
        (r#""\xff\xfe""#, "not an id", r"\xff\xfe"),
        (r#""\x00""#, "not an id", r"\x00"),
        (r#""\x1b[31m""#, "not an id", r"\x1b[31m"),
        (r#""{\"id\":\"abc\"}""#, "not an id", r#"{"id":"abc"}"#),
        (r#""abc,def""#, "not an id", "abc,def"),
        (r#""a\\b""#, "not an id", r"a\x5cb"),
        ("../../etc/passwd", "not an id", "../../etc/passwd"),
    ];
    for (payload, _, _) in &quoted {
        world.raw(&format!("LPUSH @build-queue {payload}"));
    }
    world.raw(&format!("LPUSH @build-queue {}", "x".repeat(64)));
    world.archive("good", "g").await;
    assert_eq!(world.claim_build("w").await.id, id("good"));
    let mut letters = world.state.dead_letters(100).await.unwrap();
    letters.reverse();
    assert_eq!(letters.pop().unwrap().reason, "too long");
    let found: Vec<_> =
        letters.iter().map(|letter| (letter.reason.as_str(), letter.payload.as_str())).collect();
    let expected: Vec<_> = quoted.iter().map(|(_, reason, payload)| (*reason, *payload)).collect();
    assert_eq!(found, expected);
    assert_eq!(world.raw("HLEN @status"), ":1\r\n", "no word for what is no id");
}

#[tokio::test]
async fn an_oversized_element_is_cut_before_it_is_kept() {
    let Some(world) = world().await else { return };
    for place in 0..3 {
        world.raw(&format!("SETRANGE @big {} x", 1_000_000 + place));
        let moved = "EVAL \"redis.call('LPUSH', ARGV[1], redis.call('GET', ARGV[2]))\" 0 @build-queue @big";
        world.raw(moved);
    }
    world.raw("DEL @big");
    world.state.wait_for_work(QueueName::Build).await.unwrap();
    assert!(world.claim(QueueName::Build, "w").await.is_none());
    let letters = world.state.dead_letters(10).await.unwrap();
    assert_eq!(letters.len(), 3);
    assert!(letters.iter().all(|letter| letter.bytes > 1_000_000 && letter.payload.len() <= 1024));
}

#[tokio::test]
async fn dead_letters_are_capped() {
    let Some(world) = world().await else { return };
    world.raw("EVAL \"for i=1,3000 do redis.call('LPUSH', ARGV[1], 'no id '..i) end\" 0 @build-queue");
    assert!(world.claim(QueueName::Build, "w").await.is_none());
    assert_eq!(world.raw("LLEN @build-queue"), ":0\r\n");
    assert_eq!(world.raw("LLEN @dead-letters"), ":1000\r\n");
}

#[tokio::test]
async fn an_id_pushed_a_hundred_times_is_built_once() {
    let Some(world) = world().await else { return };
    let job = world.archive("a", "g").await;
    let push = || {
        for _ in 0..100 {
            world.raw("LPUSH @build-queue a");
        }
    };
    push();
    let claim = world.claim_build("w").await;
    push();
    assert!(world.claim(QueueName::Build, "x").await.is_none(), "it is being built");
    world.state.heartbeat(&claim).await.unwrap();
    finish(&world, &claim, Deployed).await;
    push();
    world.raw("HSET @status a uploaded");
    assert!(world.claim(QueueName::Build, "x").await.is_none(), "it was built");
    assert_eq!(world.word(&job).await, Deployed, "and status says so again");
    assert_eq!(world.events("building").await.len(), 1);
    nothing_is_left(&world);
}

#[tokio::test]
async fn an_unknown_id_pushed_by_hand_is_adopted() {
    let Some(world) = world().await else { return };
    world.raw("LPUSH @build-queue aB3_-x");
    let claim = world.claim_build("w").await;
    assert!(claim.adopted);
    assert_eq!((claim.id.as_str(), claim.source_claim, claim.group.as_str()), ("aB3_-x", None, ""));
    assert_eq!(world.word(&claim.id).await, Building);
    world.reap_after_lease().await;
    let again = world.claim_build("x").await;
    assert!(again.adopted, "the next attempt must know it too");
    finish(&world, &again, Failed).await;
    nothing_is_left(&world);
}

#[tokio::test]
async fn an_adopted_id_that_the_store_knows_is_restored_and_reuses_no_number() {
    let Some(world) = world().await else { return };
    world.raw("LPUSH @build-queue a");
    let claim = world.claim_build("w").await;
    assert!(claim.adopted);
    world.state.hand_back(&claim, crate::HandBack::Drain).await.unwrap();
    let restored = crate::RestoredJob {
        id: claim.id.clone(),
        group: "g".to_owned(),
        state: crate::Restored::Waiting { queue: QueueName::Build },
        intake_fence: 1,
        build_fence: 3,
        attempt: 0,
        source_claim: shipstack_types::ClaimNumber::new(1),
        created_at: shipstack_types::Timestamp::from_millis(1),
    };
    world.state.restore(&restored).await.unwrap();
    let again = world.claim_build("w").await;
    assert_eq!((again.adopted, again.number.get()), (false, 4));
    assert_eq!((again.source_claim, again.group), (restored.source_claim, restored.group));
}

#[tokio::test]
async fn a_final_word_of_the_node_system_is_believed() {
    let Some(world) = world().await else { return };
    world.raw("HSET @status old deployed");
    world.raw("LPUSH @build-queue old");
    assert!(world.claim(QueueName::Build, "w").await.is_none());
    assert_eq!(world.state.status(&id("old")).await.unwrap(), Some(Deployed));
}

#[tokio::test]
async fn a_stranger_in_the_intake_queue_is_no_job() {
    let Some(world) = world().await else { return };
    world.raw("LPUSH @intake-queue stranger");
    assert!(world.claim(QueueName::Intake, "w").await.is_none());
    assert_eq!(world.state.dead_letters(1).await.unwrap()[0].reason, "unknown to intake");
}

#[tokio::test]
async fn a_deleted_queue_is_filled_again_by_reconcile() {
    let Some(world) = world().await else { return };
    for number in 0..500 {
        world.archive(&format!("j{number}"), "g").await;
    }
    world.raw("DEL @build-queue");
    let mut cursor = 0;
    loop {
        let (ids, next) = world.state.unfinished(cursor).await.unwrap();
        for job in ids {
            world.state.repair(&job).await.unwrap();
        }
        cursor = next;
        if cursor == 0 {
            break;
        }
    }
    assert_eq!(world.raw("LLEN @build-queue"), ":500\r\n");
    for _ in 0..500 {
        world.claim_build("w").await;
    }
}

#[tokio::test]
async fn hand_edits_of_status_are_undone() {
    let Some(world) = world().await else { return };
    let job = world.archive("a", "g").await;
    world.raw("HSET @status a deployed");
    assert_eq!(world.state.repair(&job).await.unwrap(), Repair::StatusRewritten);
    assert_eq!(world.word(&job).await, Uploaded);
    world.raw("HSET @status a nonsense");
    assert_eq!(world.state.status(&job).await.unwrap(), Some(Uploaded), "the job knows better");
    world.raw("HDEL @status a");
    assert_eq!(world.state.repair(&job).await.unwrap(), Repair::StatusRewritten);
    let claim = world.claim_build("w").await;
    world.raw("HSET @status a failed");
    assert_eq!(world.state.repair(&job).await.unwrap(), Repair::StatusRewritten);
    finish(&world, &claim, Deployed).await;
    world.raw("HSET @status a failed");
    assert_eq!(world.state.repair(&job).await.unwrap(), Repair::StatusRewritten);
    assert_eq!(world.word(&job).await, Deployed);
}

#[tokio::test]
async fn status_is_written_before_the_push() {
    let Some(world) = world().await else { return };
    let client = redis::Client::open(world.server().url()).unwrap();
    let mut monitor = client.get_async_monitor().await.unwrap();
    world.archive("a", "g").await;
    let mut seen = Vec::new();
    let mut lines = monitor.on_message::<String>();
    while seen.len() < 2 {
        let text = futures_util::StreamExt::next(&mut lines).await.expect("the monitor goes on");
        let command = ["\"HSET\" \"{t}:status\" \"a\" \"uploaded\"", "\"LPUSH\" \"{t}:build-queue\" \"a\""];
        seen.extend(command.into_iter().position(|command| text.ends_with(command)));
    }
    assert_eq!(seen, [0, 1]);
}

#[tokio::test]
async fn a_deleted_job_is_lost_to_its_holder_and_named_to_reconcile() {
    let Some(world) = world().await else { return };
    let claim = world.building("a", "w").await;
    world.raw("DEL @job:a");
    assert!(matches!(world.state.heartbeat(&claim).await, Err(StateError::LeaseLost { .. })));
    assert_eq!(world.state.repair(&claim.id).await.unwrap(), Repair::Unknown);
    assert!(world.state.unfinished(0).await.unwrap().0.contains(&claim.id));
    assert_eq!(world.reap_after_lease().await, []);
    assert_eq!(world.raw("ZCARD @leases:build"), ":0\r\n");
}

#[tokio::test]
async fn a_damaged_job_is_a_dead_letter_and_ends() {
    for damage in
        ["attempt abc", "build_fence \"\"", "state xyz", "queue nowhere", "deadline -1", "owner \"\""]
    {
        let Some(world) = world().await else { return };
        let claim = world.building("a", "w").await;
        world.raw(&format!("HSET @job:a {damage}"));
        world.raw("LPUSH @build-queue a");
        world.archive("good", "other").await;
        assert_eq!(world.claim_build("x").await.id, id("good"), "{damage}");
        assert_eq!(world.state.dead_letters(1).await.unwrap()[0].reason, "damaged job", "{damage}");
        assert!(world.state.heartbeat(&claim).await.is_err(), "{damage}");
        let found = world.reap_after_lease().await;
        let reaped = found.iter().find(|reaped| reaped.id == claim.id).expect(damage);
        assert_eq!(reaped.verdict, Verdict::AttemptsUsedUp, "{damage}");
        let by = Decider::Reaper { id: &reaped.id, queue: reaped.queue, fence: reaped.fence };
        assert_eq!(world.state.decide(by, &outcome(Failed)).await.unwrap(), Decision::Fixed, "{damage}");
        world.state.settle(&claim.id).await.unwrap();
        assert_eq!(world.word(&claim.id).await, Failed, "{damage}");
    }
}

#[tokio::test]
async fn a_job_key_of_another_type_is_damage_too() {
    let Some(world) = world().await else { return };
    let claim = world.building("a", "w").await;
    world.raw("DEL @job:a");
    world.raw("SET @job:a x");
    assert!(world.state.heartbeat(&claim).await.is_err());
    let found = world.reap_after_lease().await;
    assert_eq!(found.first().map(|reaped| reaped.verdict), Some(Verdict::AttemptsUsedUp));
}

#[tokio::test]
async fn a_lost_lease_is_given_back_as_one_that_is_over() {
    let Some(world) = world().await else { return };
    let claim = world.building("a", "w").await;
    world.raw("DEL @leases:build");
    assert_eq!(world.state.repair(&claim.id).await.unwrap(), Repair::GivenExpiredLease);
    assert_eq!(world.state.reap().await.unwrap(), [], "its holder may live");
    world.state.heartbeat(&claim).await.unwrap();
    world.raw("DEL @leases:build @taken:build:w-0707070707070707");
    assert_eq!(world.state.repair(&claim.id).await.unwrap(), Repair::GivenExpiredLease);
    let found = world.reap_after_lease().await;
    assert_eq!(found.first().map(|reaped| reaped.verdict), Some(Verdict::GivenBack));
}

#[tokio::test]
async fn a_rest_that_fell_out_of_its_list_ends() {
    let Some(world) = world().await else { return };
    let claim = world.building("a", "w").await;
    let retry_after = std::time::Duration::from_secs(5);
    world.state.hand_back(&claim, crate::HandBack::PlatformFault { retry_after }).await.unwrap();
    assert_eq!(world.state.repair(&claim.id).await.unwrap(), Repair::Nothing);
    world.raw("DEL @retry-at:build");
    assert_eq!(world.state.repair(&claim.id).await.unwrap(), Repair::Requeued);
    assert_eq!(world.claim_build("w").await.id, claim.id);
}

async fn amiss(world: &World, job: &str) -> Vec<Amiss> {
    world.state.audit(&id(job)).await.unwrap().expect("a known id").amiss
}

#[tokio::test]
async fn an_audit_names_what_fell_out_of_every_list_and_mends_nothing() {
    for (list, job) in [("build-queue", "waits"), ("retry-at:build", "rests"), ("leases:build", "held")] {
        let Some(world) = world().await else { return };
        let rests = world.building("rests", "w").await;
        let retry_after = std::time::Duration::from_secs(5);
        world.state.hand_back(&rests, crate::HandBack::PlatformFault { retry_after }).await.unwrap();
        world.building("held", "w").await;
        world.archive("waits", "g").await;
        world.raw(&format!("DEL @{list}"));
        for other in ["waits", "rests", "held"] {
            let expected = if other == job { vec![Amiss::InNoList] } else { Vec::new() };
            assert_eq!(amiss(&world, other).await, expected, "{list}: {other}");
        }
        assert_eq!(world.raw(&format!("EXISTS @{list}")), ":0\r\n", "looking mends nothing");
    }
    let Some(world) = world().await else { return };
    let claim = world.building("a", "w").await;
    world.state.decide(Decider::Holder(&claim), &outcome(Failed)).await.unwrap();
    world.raw("DEL @settling");
    assert_eq!(amiss(&world, "a").await, [Amiss::InNoList]);
}

#[tokio::test]
async fn an_audit_names_a_job_that_was_taken_too_often_and_a_record_that_cannot_be_read() {
    let Some(world) = world().await else { return };
    world.building("a", "w").await;
    world.raw("HSET @job:a attempt 3 deliveries 5");
    assert_eq!(amiss(&world, "a").await, [], "as often as it may be");
    world.raw("HSET @job:a deliveries 6");
    assert_eq!(amiss(&world, "a").await, [Amiss::TooOften { attempts: 3, deliveries: 6 }]);
    world.raw("HSET @job:a attempt 4 deliveries 5");
    assert_eq!(amiss(&world, "a").await, [Amiss::TooOften { attempts: 4, deliveries: 5 }]);
    world.raw("HSET @job:a attempt abc");
    assert_eq!(amiss(&world, "a").await, [Amiss::Damaged]);
}

#[tokio::test]
async fn an_audit_leaves_a_foreign_consumer_its_time() {
    let Some(world) = world().await else { return };
    let foreign_grace = Some(std::time::Duration::from_mins(15));
    let timing = Timing { foreign_grace, ..Timing::default() };
    let state = connect_with(&world.server().url(), QueueTake::Claim, timing).await;
    let world = World::on(world.server().clone(), state);
    let taken = world.archive("a", "g").await;
    world.raw("RPOP @build-queue");
    assert_eq!(amiss(&world, "a").await, []);
    assert_eq!(world.state.repair(&taken).await.unwrap(), Repair::Nothing);
    world.pass(std::time::Duration::from_mins(15));
    assert_eq!(amiss(&world, "a").await, [], "reconcile is about to queue it again");
    world.pass(std::time::Duration::from_mins(1));
    assert_eq!(amiss(&world, "a").await, [Amiss::InNoList]);
}

#[tokio::test]
async fn a_queue_of_the_wrong_type_is_reported_and_heals() {
    let Some(world) = world().await else { return };
    for wrong in ["SET @build-queue x", "ZADD @build-queue 1 x"] {
        world.raw(wrong);
        let expected = Warning::WrongType { key: "{t}:build-queue".to_owned() };
        assert!(world.state.check().await.unwrap().contains(&expected));
        let claim = world.state.claim_next(QueueName::Build, &world.request("w")).await;
        assert!(matches!(claim, Err(StateError::WrongType { .. })), "{claim:?}");
        let wait = world.state.wait_for_work(QueueName::Build).await;
        assert!(matches!(wait, Err(StateError::WrongType { .. })), "{wait:?}");
        let queued = world.state.queue_build(&id("a"), "g", shipstack_types::ClaimNumber::FIRST).await;
        assert!(queued.is_err() || queued.is_ok());
        world.raw("DEL @build-queue");
    }
    assert_eq!(world.state.repair(&id("a")).await.unwrap(), Repair::Requeued);
    assert_eq!(world.claim_build("w").await.id, id("a"));
}

#[tokio::test]
async fn forgotten_scripts_are_sent_again() {
    let Some(world) = world().await else { return };
    for number in 0..5 {
        world.raw("SCRIPT FLUSH");
        let claim = world.building(&format!("j{number}"), "w").await;
        world.raw("SCRIPT FLUSH");
        finish(&world, &claim, Deployed).await;
    }
}

#[tokio::test]
async fn an_emptied_redis_loses_the_lease_and_says_that_the_index_is_gone() {
    let Some(world) = world().await else { return };
    let claim = world.building("a", "w").await;
    let run = world.state.index_run().await.unwrap();
    world.state.mark_index_complete(&run).await.unwrap();
    world.raw("FLUSHALL");
    assert!(!world.state.index_complete().await.unwrap());
    assert!(matches!(world.state.heartbeat(&claim).await, Err(StateError::LeaseLost { .. })));
    assert_eq!(world.state.status(&claim.id).await.unwrap(), None);
    assert!(world.claim(QueueName::Build, "w").await.is_none());
}

#[tokio::test]
async fn strangers_in_a_log_are_passed_over_and_do_not_stop_it() {
    let Some(world) = world().await else { return };
    let claim = world.building("a", "w").await;
    world.state.append_log(&claim, &[line(1), line(2)]).await.unwrap();
    for stranger in
        ["2-7 line {}", "9-0 foo bar", "9999999999999-0 line garbage", "18446744073709551615-1 x y"]
    {
        world.raw(&format!("XADD @log:a {stranger}"));
    }
    world.state.append_log(&claim, &[line(3), line(4)]).await.unwrap();
    let page = world.state.read_log(&claim.id, 1, 100).await.unwrap();
    assert_eq!(page.lines, [line(1), line(2), line(3), line(4)]);
    world.raw("DEL @log:a");
    world.raw("SET @log:a x");
    assert!(world.state.read_log(&claim.id, 1, 100).await.unwrap().lines.is_empty());
    world.state.append_log(&claim, &[line(5)]).await.unwrap();
    assert_eq!(world.state.read_log(&claim.id, 1, 100).await.unwrap().lines, [line(5)]);
}

#[tokio::test]
async fn every_name_is_under_the_prefix() {
    let Some(world) = world().await else { return };
    let claim = world.building("a", "w").await;
    world.state.append_log(&claim, &[line(1)]).await.unwrap();
    world.state.try_lock("l", &worker("w"), std::time::Duration::from_secs(9)).await.unwrap();
    world.raw("LPUSH @build-queue !");
    world.claim(QueueName::Build, "w").await;
    world.reap_after_lease().await;
    let keys = world.raw("KEYS *");
    let names: Vec<_> = keys.lines().filter(|line| !line.starts_with(['*', '$'])).collect();
    assert!(names.len() > 8, "{names:?}");
    assert!(names.iter().all(|name| name.starts_with("{t}:")), "{names:?}");
}

#[tokio::test]
async fn brpop_takes_plainly_and_claims_what_it_took() {
    let Some(world) = world().await else { return };
    let state = super::connect(&world.server().url(), QueueTake::Brpop).await;
    let other = World::on(world.server().clone(), state);
    assert!(other.claim(QueueName::Build, "w").await.is_none(), "nothing was taken yet");
    world.archive("a", "g").await;
    other.raw("RPUSH @build-queue garbage!");
    other.state.wait_for_work(QueueName::Build).await.unwrap();
    assert!(other.claim(QueueName::Build, "w").await.is_none(), "garbage is no job here either");
    other.state.wait_for_work(QueueName::Build).await.unwrap();
    assert_eq!(world.raw("LLEN @build-queue"), ":0\r\n");
    // A crash here would lose the id; reconcile brings it back.
    assert_eq!(world.state.repair(&id("a")).await.unwrap(), Repair::Requeued);
    let claim = other.claim_build("w").await;
    assert_eq!(claim.id, id("a"));
    other.state.wait_for_work(QueueName::Build).await.unwrap();
    assert!(other.claim(QueueName::Build, "w").await.is_none(), "it is being built");
    finish(&other, &claim, Deployed).await;
    nothing_is_left(&world);
}

#[tokio::test]
async fn a_plain_brpop_gets_the_bare_id() {
    let Some(world) = world().await else { return };
    world.archive("a", "g").await;
    assert!(world.raw("BRPOP @build-queue 1").ends_with("$1\r\na\r\n"));
}

#[tokio::test]
async fn a_foreign_consumer_has_its_time_and_its_deployed_is_pointed_out() {
    let Some(world) = world().await else { return };
    let foreign_grace = Some(std::time::Duration::from_mins(15));
    let timing = Timing { foreign_grace, ..Timing::default() };
    let state = connect_with(&world.server().url(), QueueTake::Claim, timing).await;
    let world = World::on(world.server().clone(), state);
    let (slow, done) = (world.archive("slow", "g").await, world.archive("done", "g").await);
    world.raw("RPOP @build-queue");
    world.raw("RPOP @build-queue");
    assert_eq!(world.state.repair(&slow).await.unwrap(), Repair::Nothing);
    assert_eq!(world.state.repair(&done).await.unwrap(), Repair::Nothing);
    world.raw("HSET @status done deployed");
    assert_eq!(world.state.repair(&done).await.unwrap(), Repair::ForeignDeployed);
    let answer = world.state.decide(Decider::Foreign(&done), &outcome(Deployed)).await.unwrap();
    assert_eq!(answer, Decision::Fixed);
    world.state.settle(&done).await.unwrap();
    world.pass(std::time::Duration::from_mins(16));
    assert_eq!(world.state.repair(&slow).await.unwrap(), Repair::Requeued);
    assert_eq!(world.claim_build("w").await.id, slow);
}

#[tokio::test]
async fn a_rest_of_ages_is_no_damage() {
    let Some(world) = world().await else { return };
    let claim = world.building("a", "w").await;
    let why = crate::HandBack::PlatformFault { retry_after: std::time::Duration::MAX };
    world.state.hand_back(&claim, why).await.unwrap();
    assert_eq!(world.word(&claim.id).await, Uploaded);
}
