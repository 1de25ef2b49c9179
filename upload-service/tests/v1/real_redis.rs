//! The same on a real Redis, and what only that can show: it can be emptied.

use crate::repeating::deploy;
use crate::support::{Answer, Api, site};
use crate::worker::{Does, SITE, Worker};
use futures_util::future::join_all;
use reqwest::Method;
use serde_json::json;
use shipstack_testkit::{RedisServer, wait_until};
use std::collections::BTreeSet;

const UNKNOWN: &str = "https://unknown.example.org/a";

#[tokio::test(flavor = "multi_thread")]
async fn list_redeploys_and_keys_come_back_after_redis_was_emptied() {
    let Some(redis) = RedisServer::start() else { return };
    let api = Api::start(&[("REDIS_URL", &redis.url()), ("SHIPSTACK_LEASE", "1s")]).await;
    let worker = Worker::start(&api, Does::Publishes(SITE));
    let parent = api.archive("").await;
    api.wait_for(&parent, "deployed").await;
    let path = format!("/v1/deployments/{parent}/redeploy");
    let child = api.post(&path, "application/json", "").await.json()["id"].as_str().unwrap().to_owned();
    api.wait_for(&child, "deployed").await;
    worker.stop().await;
    let keyed = deploy(&api, "key", UNKNOWN).await.json()["id"].clone();
    api.wait_for(keyed.as_str().unwrap(), "failed").await;
    let before = api.get("/v1/deployments").await.json();
    let builds = api.get(&format!("/v1/deployments/{parent}/builds")).await.json();
    assert_eq!(
        (before["items"].as_array().unwrap().len(), &builds["redeploys"][0]["id"]),
        (3, &json!(child))
    );

    redis.raw("FLUSHALL").unwrap();
    // At once: nobody may be told that the key is free while the index is being rebuilt.
    assert_eq!(deploy(&api, "key", UNKNOWN).await.json()["id"], keyed);
    let listed = async || api.get("/v1/deployments").await.json() == before;
    wait_until("the list is back", listed).await;
    assert_eq!(api.get(&format!("/v1/deployments/{parent}/builds")).await.json(), builds);
    api.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_deleted_deployment_stays_deleted_when_somebody_pushes_its_id() {
    let Some(redis) = RedisServer::start() else { return };
    let api = Api::start(&[("REDIS_URL", &redis.url())]).await;
    let id = api.archive("").await;
    let delete = api.request(Method::DELETE, &format!("/v1/deployments/{id}"));
    assert_eq!(delete.send().await.unwrap().status(), 204);
    assert_eq!(redis.raw(&format!("HGET status {id}")).unwrap().trim(), "$-1");
    redis.raw(&format!("LPUSH build-queue {id}")).unwrap();
    let worker = Worker::start(&api, Does::Publishes(SITE));
    let taken = async || redis.raw("LLEN build-queue").unwrap().contains(":0");
    wait_until("the id is taken", taken).await;
    let unknown = async || api.status(&id).await.is_null();
    wait_until("it is unknown again", unknown).await;
    assert_eq!(api.get("/v1/deployments").await.json()["items"], json!([]));
    worker.stop().await;
    api.stop().await;
}

/// Row 29 of the hostile catalogue.
#[tokio::test(flavor = "multi_thread")]
async fn a_thousand_equal_requests_at_once_with_one_key_are_one_deployment() {
    let Some(redis) = RedisServer::start() else { return };
    let api = Api::start(&[("REDIS_URL", &redis.url())]).await;
    let ask = async || {
        let request = api.request(Method::POST, "/v1/deployments?prebuilt=true").body(site());
        let request = request.header("content-type", "application/x-tar").header("idempotency-key", "key");
        Answer::of(request.send().await.unwrap()).await
    };
    let answers = join_all((0..1000).map(|_| ask())).await;
    let mut ids = BTreeSet::new();
    for answer in answers {
        match answer.status {
            200 | 202 => _ = ids.insert(answer.json()["id"].as_str().unwrap().to_owned()),
            409 | 429 | 503 => assert!(!answer.header("retry-after").is_empty(), "{answer:?}"),
            _ => panic!("{answer:?}"),
        }
    }
    assert_eq!(ids.len(), 1, "{ids:?}");
    assert_eq!(api.stored().await, 1);
    let id = ids.first().unwrap();
    assert_eq!(redis.raw("LRANGE build-queue 0 -1").unwrap(), format!("*1\r\n${}\r\n{id}\r\n", id.len()));
    assert_eq!(redis.raw("HLEN status").unwrap(), ":1\r\n");
    api.stop().await;
}
