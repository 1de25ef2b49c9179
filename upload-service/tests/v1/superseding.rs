//! `supersede`: what waits of the same source gives way to what asks for it, and nothing else does.

use crate::support::Api;
use serde_json::{Value, json};
use shipstack_state::ClaimRequest;
use shipstack_testkit::{GitServer, RedisServer};
use shipstack_types::QueueName;

/// A repository that asks for no more than to be fetched.
async fn ask(api: &Api, body: &Value) -> String {
    let answer = api.post_json("/v1/deployments", &body.to_string()).await;
    assert_eq!(answer.status, 202, "{}", answer.text);
    answer.json()["id"].as_str().unwrap().to_owned()
}

async fn waits(api: &Api, body: &Value) -> String {
    let id = ask(api, body).await;
    api.wait_for(&id, "uploaded").await;
    id
}

/// On whatever state the settings name.
async fn only_what_waits_of_the_same_source_gives_way(settings: &[(&str, &str)]) {
    let git = GitServer::start().unwrap();
    for name in ["app", "other"] {
        git.add_repo(name, &[("index.html", "1"), ("docs/index.html", "2")]).unwrap();
    }
    let host = git.host();
    let mut pairs = vec![("SHIPSTACK_ALLOW_PRIVATE_GIT_HOSTS", host.as_str()), ("SHIPSTACK_LEASE", "5m")];
    pairs.extend(settings);
    let api = Api::start(&pairs).await;
    let app = json!({ "url": git.url("app") });
    let runs = waits(&api, &json!({ "git": app })).await;
    let request = ClaimRequest { worker: api.records.worker.clone(), nonce: 1 };
    let claim = api.records.state.claim_next(QueueName::Build, &request).await.unwrap().unwrap();
    assert_eq!(claim.id.as_str(), runs);
    let same = json!({ "git": app, "build": { "env": { "A": "b" } } });
    let old = [waits(&api, &same).await, waits(&api, &json!({ "git": app })).await];
    let stay = [
        waits(&api, &json!({ "git": { "url": git.url("other") } })).await,
        waits(&api, &json!({ "git": { "url": git.url("app"), "ref": "main" } })).await,
        waits(&api, &json!({ "git": app, "build": { "directory": "docs" } })).await,
        api.archive("").await,
    ];
    let new = waits(&api, &json!({ "git": app, "supersede": true })).await;
    for id in &old {
        let shown = api.show(id).await;
        assert_eq!((&shown["status"], &shown["failure"]["code"]), (&json!("failed"), &json!("superseded")));
        assert!(shown["failure"]["message"].as_str().unwrap().contains(&new), "{shown}");
        assert_eq!(shown["failure"]["fault"], "user");
    }
    for id in &stay {
        assert_eq!(api.status(id).await, "uploaded");
    }
    assert_eq!(api.status(&runs).await, "building");
    waits(&api, &json!({ "git": app, "supersede": false })).await;
    assert_eq!(api.status(&new).await, "uploaded", "nobody asked");
    api.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn only_what_waits_of_the_same_source_gives_way_to_what_asks_for_it() {
    only_what_waits_of_the_same_source_gives_way(&[]).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_archive_has_nothing_to_supersede() {
    let api = Api::start(&[]).await;
    let body = api.post("/v1/deployments?supersede=true", "application/x-tar", crate::support::site()).await;
    body.assert_problem(400, "invalid_option");
    api.stop().await;
}

mod real_redis {
    use super::*;

    #[tokio::test(flavor = "multi_thread")]
    async fn only_what_waits_of_the_same_source_gives_way_to_what_asks_for_it() {
        let Some(redis) = RedisServer::start() else { return };
        only_what_waits_of_the_same_source_gives_way(&[("REDIS_URL", &redis.url())]).await;
    }
}
