//! What the server says of itself.

use crate::support::Api;
use serde_json::json;
use shipstack_state::WorkerPresence;
use shipstack_types::{Check, Clock as _, SystemClock, Timestamp, WorkerId};
use std::time::Duration;

#[tokio::test(flavor = "multi_thread")]
async fn the_server_says_what_it_is_and_how_its_workers_are() {
    let api = Api::start(&[("SHIPSTACK_SOURCE_MAX_BYTES", "7MiB"), ("SHIPSTACK_BUILD_TIMEOUT", "3m")]).await;
    let presence = WorkerPresence {
        worker: WorkerId::new("builder", [1; 8]),
        role: "deploy-worker".to_owned(),
        slots: 2,
        version: "0.1.0".to_owned(),
        checks: vec![Check::broken("engine", "x".repeat(9000), "Start Docker.")],
        node: Vec::new(),
    };
    api.records.state.announce(&presence).await.unwrap();
    let server = api.get("/v1/server").await.json();
    assert_eq!(server["version"], env!("CARGO_PKG_VERSION"));
    assert_eq!((&server["ready"], &server["checks"][0]["name"]), (&json!(true), &json!("state")));
    assert_eq!(
        (&server["limits"]["sourceMaxBytes"], &server["limits"]["buildTimeoutMs"]),
        (&json!(7 << 20), &json!(180_000))
    );
    assert_eq!(server["serving"], json!({ "domain": "localhost", "urlTemplate": "http://{host}:3001/" }));
    assert!(server["abilities"].as_array().unwrap().contains(&json!("redeploy")));
    let worker = &server["workers"][0];
    assert_eq!(
        (&worker["id"], &worker["slots"], &worker["ready"]),
        (&json!(presence.worker), &json!(2), &json!(false))
    );
    let seen_at: Timestamp = serde_json::from_value(worker["seenAt"].clone()).unwrap();
    assert!(SystemClock.now().since(seen_at) < Duration::from_mins(1), "{worker}");
    assert_eq!(worker["checks"][0]["remedy"], "Start Docker.");
    assert_eq!(worker["checks"][0]["detail"].as_str().unwrap().len(), WorkerPresence::MAX_TEXT, "bounded");
    api.stop().await;
}

/// A worker that says that it builds with these.
fn with_node(name: &str, node: &[u32]) -> WorkerPresence {
    WorkerPresence {
        worker: WorkerId::new(name, [2; 8]),
        role: "deploy-worker".to_owned(),
        slots: 2,
        version: "0.1.0".to_owned(),
        checks: Vec::new(),
        node: node.to_vec(),
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_node_that_no_worker_has_is_refused_at_once_and_one_that_nobody_can_know_is_not() {
    let api = Api::start(&[]).await;
    let deploy = async |node: &str| {
        let body = json!({ "git": { "url": "https://nosuchhost.invalid/x" }, "build": { "node": node } });
        api.post_json("/v1/deployments", &body.to_string()).await
    };
    assert_eq!(deploy("99").await.status, 202, "there is no worker yet");
    api.records.state.announce(&with_node("old", &[20, 22])).await.unwrap();
    api.records.state.announce(&with_node("new", &[22, 24])).await.unwrap();
    let refused = deploy("99").await;
    assert_eq!(
        (refused.status, &refused.json()["code"]),
        (400, &json!("invalid_option")),
        "{}",
        refused.text
    );
    let detail = refused.json()["detail"].as_str().unwrap().to_owned();
    assert!(detail.contains("node asks for 99") && detail.contains("Node 20, 22, 24"), "{detail}");
    for met in ["24", ">=20 <21", "lts/jod", "latest"] {
        assert_eq!(deploy(met).await.status, 202, "{met}");
    }
    let archive = api.request(reqwest::Method::POST, "/v1/deployments?node=99").body("no archive");
    let archive = archive.header("content-type", "application/x-tar").send().await.unwrap();
    assert!(archive.text().await.unwrap().contains("invalid_option"));
    api.records.state.announce(&with_node("silent", &[])).await.unwrap();
    assert_eq!(deploy("99").await.status, 202, "one of them may have it");
    api.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_document_names_every_route_and_each_of_them_answers() {
    let api = Api::start(&[]).await;
    let document = api.get("/v1/openapi.json").await.json();
    let paths = document["paths"].as_object().unwrap();
    for (path, methods) in paths {
        let concrete = path.replace("{id}", "abc").replace("{path}", "a/b.html");
        for method in methods.as_object().unwrap().keys() {
            let method = method.to_uppercase().parse().unwrap();
            let answer = api.request(method, &concrete).send().await.unwrap();
            assert_ne!(answer.status(), 405, "{path}");
            assert!(answer.status().as_u16() < 500, "{path}");
        }
    }
    api.stop().await;
}
