//! `GET /v1/events`: a list that applies what it hears is the truth, whatever happens to the connection.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, clippy::panic, reason = "tests")]

mod support;

use serde_json::{Value, json};
use shipstack_types::Phase;
use support::Api;
use support::build::Build;
use support::reader::Following;

/// One life of a deployment, heard from a cursor on and heard again from every event of it.
async fn a_life_is_heard_once_and_in_order(api: &Api) {
    let mut all = Following::open(api, "/v1/events", None).await;
    assert!(all.until("event: reset\n").await);
    let build = Build::begin(&api.records).await;
    let id = build.id().clone();
    let mut one = Following::open(api, &format!("/v1/events?channel=deployment:{id}"), None).await;
    assert!(one.until("event: reset\n").await);
    let _other = Build::begin(&api.records).await;
    api.records.state.enter_phase(&build.claim, Phase::Installing, None).await.unwrap();
    build.end().await;
    assert!(all.until("\"failed\"").await && one.until("\"failed\"").await);
    let heard = all.events("deployment");
    let mine: Vec<&Value> =
        heard.iter().map(|(_, data)| data).filter(|data| data["id"] == id.as_str()).collect();
    let seen = |status: &str, phase: Value| json!({ "id": id, "status": status, "phase": phase });
    assert_eq!(mine.first().unwrap(), &&seen("uploaded", json!("queued")));
    assert!(mine.contains(&&seen("building", json!("installing"))));
    assert_eq!(mine.last().unwrap(), &&seen("failed", Value::Null));
    assert_eq!(mine.iter().filter(|data| data["status"] == "failed").count(), 1);
    let narrow: Vec<Value> = one.events("deployment").into_iter().map(|(_, data)| data).collect();
    assert!(narrow.iter().all(|data| data["id"] == id.as_str()) && narrow.last() == mine.last().copied());
    for (at, (cursor, _)) in heard.iter().enumerate().filter(|(at, _)| at + 1 < heard.len()) {
        let mut again = Following::open(api, "/v1/events", Some(cursor)).await;
        assert!(again.until("\"failed\"").await);
        assert_eq!(again.events("deployment"), heard[at + 1..]);
        assert!(again.events("reset").is_empty(), "{}", again.text);
    }
}

async fn an_unknown_id_means_reset(api: &Api) {
    let build = Build::begin(&api.records).await;
    for cursor in ["0-1", "1-1", "nonsense", "99999999999999999999-1", "18446744073709551615-3"] {
        let mut stream = Following::open(api, "/v1/events", Some(cursor)).await;
        assert!(stream.until("event: reset\n").await, "{cursor}");
        assert!(stream.events("deployment").is_empty(), "{}", stream.text);
    }
    // And what comes after the reset is heard.
    let mut stream = Following::open(api, "/v1/events", Some("1-1")).await;
    assert!(stream.until("event: reset\n").await);
    build.end().await;
    assert!(stream.until("\"failed\"").await);
}

#[tokio::test(flavor = "multi_thread")]
async fn everything_that_changes_is_heard_from_any_cursor() {
    let api = Api::start(&[]).await;
    a_life_is_heard_once_and_in_order(&api).await;
    an_unknown_id_means_reset(&api).await;
    for wrong in ["channel=x", "channel=deployment:", "channel=deployment:a/b", "chanel=deployments"] {
        api.get(&format!("/v1/events?{wrong}")).await.assert_problem(400, "invalid_option");
    }
    api.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_new_process_is_a_new_epoch() {
    let api = Api::start(&[]).await;
    let mut stream = Following::open(&api, "/v1/events", None).await;
    assert!(stream.until("event: reset\n").await);
    let (cursor, _) = stream.events("reset").remove(0);
    drop(stream);
    let next = Api::start_in(api.stop().await, &[]).await;
    let mut stream = Following::open(&next, "/v1/events", Some(&cursor)).await;
    assert!(stream.until("event: reset\n").await);
    next.stop().await;
}

mod real_redis {
    use super::*;
    use shipstack_testkit::RedisServer;

    #[tokio::test(flavor = "multi_thread")]
    async fn everything_that_changes_is_heard_from_any_cursor() {
        let Some(redis) = RedisServer::start() else { return };
        let api = Api::start(&[("REDIS_URL", &redis.url())]).await;
        a_life_is_heard_once_and_in_order(&api).await;
        an_unknown_id_means_reset(&api).await;
        api.stop().await;
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn a_stream_outlasts_redis_and_says_reset_after_it_was_emptied() {
        let Some(redis) = RedisServer::start() else { return };
        let api = Api::start(&[("REDIS_URL", &redis.url())]).await;
        let _build = Build::begin(&api.records).await;
        let mut stream = Following::open(&api, "/v1/events", None).await;
        assert!(stream.until("event: reset\n").await);
        redis.kill();
        // One that begins while Redis is away waits, for a browser that is refused does not come back.
        let mut late = Following::open(&api, "/v1/events", None).await;
        redis.restart().unwrap();
        assert!(late.until("event: reset\n").await);
        // This Redis kept nothing: the index is rebuilt, and what was heard before is worth nothing.
        stream.text.clear();
        assert!(stream.until("event: reset\n").await);
        drop((stream, late));
    }
}
