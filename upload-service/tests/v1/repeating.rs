//! Requests that are repeated, and requests that wait.

use crate::support::{Answer, Api, site};
use reqwest::Method;
use serde_json::json;
use shipstack_testkit::{GitServer, wait_until};
use std::time::{Duration, Instant};

const UNKNOWN: &str = "https://unknown.example.org/a";

pub(crate) async fn deploy(api: &Api, key: &str, url: &str) -> Answer {
    let body = json!({ "git": { "url": url } });
    let request = api.request(Method::POST, "/v1/deployments").header("idempotency-key", key).json(&body);
    Answer::of(request.send().await.unwrap()).await
}

fn id(answer: &Answer) -> String {
    assert!(answer.status == 200 || answer.status == 202, "{}", answer.text);
    answer.json()["id"].as_str().unwrap().to_owned()
}

#[tokio::test(flavor = "multi_thread")]
async fn the_same_key_gives_the_same_deployment_and_no_second_one() {
    let api = Api::start(&[]).await;
    let first = id(&deploy(&api, "k1", UNKNOWN).await);
    assert_eq!(id(&deploy(&api, "k1", UNKNOWN).await), first);
    assert_ne!(id(&deploy(&api, "k2", UNKNOWN).await), first);
    deploy(&api, "k1", "https://unknown.example.org/b").await.assert_problem(422, "key_reused");
    let archive = async |query: &str, key: &str| {
        let request = api.request(Method::POST, &format!("/v1/deployments{query}")).body(site());
        let request = request.header("content-type", "application/x-tar").header("idempotency-key", key);
        Answer::of(request.send().await.unwrap()).await
    };
    let packed = id(&archive("", "k3").await);
    assert_eq!(id(&archive("", "k3").await), packed);
    archive("?directory=app", "k3").await.assert_problem(422, "key_reused");
    archive("", "k1").await.assert_problem(422, "key_reused");
    let redeploy = async |key: &str| {
        let request = api.request(Method::POST, &format!("/v1/deployments/{packed}/redeploy"));
        Answer::of(request.header("idempotency-key", key).send().await.unwrap()).await
    };
    assert_eq!(id(&redeploy("k4").await), id(&redeploy("k4").await));
    assert_eq!(api.stored().await, 4);
    api.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_key_works_on_the_classic_route_and_refuses_in_its_shape() {
    let api = Api::start(&[]).await;
    let deploy = async |url: &str| {
        let request = api.request(Method::POST, "/deploy").header("idempotency-key", "k");
        Answer::of(request.json(&json!({ "repourl": url })).send().await.unwrap()).await
    };
    assert_eq!(id(&deploy(UNKNOWN).await), id(&deploy(UNKNOWN).await));
    deploy("https://unknown.example.org/b").await.assert_classic(422, "key_reused");
    api.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_key_that_is_none_is_refused() {
    let api = Api::start(&[]).await;
    let long = "x".repeat(256);
    for key in ["", "a b", long.as_str()] {
        deploy(&api, key, UNKNOWN).await.assert_problem(400, "invalid_option");
    }
    assert_eq!(api.stored().await, 0);
    api.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_request_whose_answer_was_lost_can_be_repeated() {
    let api = Api::start(&[]).await;
    let body = json!({ "git": { "url": UNKNOWN } }).to_string();
    for round in 0..10 {
        let key = format!("lost-{round}");
        let request = format!(
            "POST /v1/deployments HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n\
             Idempotency-Key: {key}\r\nContent-Length: {}\r\n\r\n{body}",
            body.len()
        );
        // The client is gone before anything can come back.
        let mut stream = tokio::net::TcpStream::connect(api.address).await.unwrap();
        tokio::io::AsyncWriteExt::write_all(&mut stream, request.as_bytes()).await.unwrap();
        drop(stream);
        let (one, two) = tokio::join!(deploy(&api, &key, UNKNOWN), deploy(&api, &key, UNKNOWN));
        assert_eq!(id(&one), id(&two));
    }
    assert_eq!(api.get("/v1/deployments?limit=100").await.json()["items"].as_array().unwrap().len(), 10);
    api.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_key_outlives_the_process() {
    let api = Api::start(&[]).await;
    let first = id(&deploy(&api, "k", UNKNOWN).await);
    let api = Api::start_in(api.stop().await, &[]).await;
    assert_eq!(id(&deploy(&api, "k", UNKNOWN).await), first);
    deploy(&api, "k", "https://unknown.example.org/b").await.assert_problem(422, "key_reused");
    api.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_key_whose_deployment_was_deleted_makes_no_other_one() {
    let api = Api::start(&[]).await;
    let first = id(&deploy(&api, "k", UNKNOWN).await);
    let deleted = async || {
        let request = api.request(Method::DELETE, &format!("/v1/deployments/{first}"));
        request.send().await.unwrap().status().as_u16() == 204
    };
    wait_until("it is deleted", deleted).await;
    deploy(&api, "k", UNKNOWN).await.assert_problem(422, "key_reused");
    api.stop().await;
}

async fn waiting(api: &Api, path: &str, body: serde_json::Value) -> Answer {
    let request = api.request(Method::POST, path).header("prefer", "wait=30").json(&body);
    Answer::of(request.send().await.unwrap()).await
}

#[tokio::test(flavor = "multi_thread")]
async fn an_answer_that_waits_says_whether_the_source_is_in() {
    let git = GitServer::start().unwrap();
    git.add_repo("app", &[("index.html", "1")]).unwrap();
    let host = git.host();
    let api = Api::start(&[("SHIPSTACK_ALLOW_PRIVATE_GIT_HOSTS", &host)]).await;
    let v1 = waiting(&api, "/v1/deployments", json!({ "git": { "url": git.url("app") } })).await;
    assert_eq!((v1.status, &v1.json()["status"]), (202, &json!("uploaded")), "{}", v1.text);
    assert!(v1.json()["source"]["commit"].is_string());
    let classic = waiting(&api, "/deploy", json!({ "repourl": git.url("app") })).await;
    assert_eq!(api.status(&id(&classic)).await, "uploaded");
    let missing = waiting(&api, "/v1/deployments", json!({ "git": { "url": git.url("nothing") } })).await;
    missing.assert_problem(422, "git_repository_not_found");
    let failed = missing.json()["deployment"].as_str().unwrap().to_owned();
    assert_eq!(api.status(&failed).await, "failed");
    let missing = waiting(&api, "/deploy", json!({ "repourl": git.url("nothing") })).await;
    missing.assert_classic(422, "git_repository_not_found");
    assert_eq!(api.status(missing.json()["id"].as_str().unwrap()).await, "failed");
    api.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_wait_ends_when_its_time_is_over() {
    let git = GitServer::start().unwrap();
    git.add_repo("slow", &[("a", "1")]).unwrap();
    git.misbehave("slow", shipstack_testkit::git::Misbehaviour::Stall);
    let host = git.host();
    let api = Api::start(&[("SHIPSTACK_ALLOW_PRIVATE_GIT_HOSTS", &host)]).await;
    let began = Instant::now();
    let request = api.request(Method::POST, "/deploy").header("prefer", "respond-async, wait=1");
    let answer = Answer::of(request.json(&json!({ "repourl": git.url("slow") })).send().await.unwrap()).await;
    assert_eq!(api.status(&id(&answer)).await, "uploading");
    assert!(began.elapsed() >= Duration::from_secs(1) && began.elapsed() < Duration::from_secs(10));
}

#[tokio::test(flavor = "multi_thread")]
async fn the_classic_status_says_more_than_the_word() {
    use crate::worker::{Does, Worker};
    let api = Api::start(&[]).await;
    let (first, second) = (api.archive("").await, api.archive("").await);
    let of = async |id: &str| api.get(&format!("/status?id={id}")).await.json();
    let waits = of(&second).await;
    assert_eq!((&waits["phase"], &waits["queuePosition"]), (&json!("queued"), &json!(2)));
    assert!(waits["url"].as_str().unwrap().contains(&second));
    let worker = Worker::start(&api, Does::Fails);
    api.wait_for(&first, "failed").await;
    assert_eq!(of(&first).await["error"], "Oh no.");
    assert_eq!(of("nobody").await, json!({ "status": null }));
    worker.stop().await;
    api.stop().await;
}
