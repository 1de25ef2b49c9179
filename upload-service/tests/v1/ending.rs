//! Cancel, redeploy, delete.

use crate::support::{Answer, Api};
use crate::worker::{Does, SITE, Worker};
use reqwest::Method;
use serde_json::{Value, json};
use shipstack_service::CancellationToken;
use shipstack_testkit::{GitServer, wait_until};
use std::time::{Duration, Instant};

async fn act(api: &Api, id: &str, verb: &str) -> Answer {
    let request = api.request(Method::POST, &format!("/v1/deployments/{id}/{verb}"));
    Answer::of(request.send().await.unwrap()).await
}

async fn delete(api: &Api, id: &str) -> Answer {
    Answer::of(api.request(Method::DELETE, &format!("/v1/deployments/{id}")).send().await.unwrap()).await
}

#[tokio::test(flavor = "multi_thread")]
async fn what_waits_is_cancelled_at_once_and_a_repeat_is_the_same_answer() {
    let api = Api::start(&[]).await;
    let id = api.archive("").await;
    let began = Instant::now();
    for _ in 0..3 {
        let answer = act(&api, &id, "cancel").await;
        assert_eq!((answer.status, &answer.json()["status"]), (200, &json!("cancelled")), "{}", answer.text);
    }
    assert!(began.elapsed() < Duration::from_secs(2));
    assert_eq!(api.status(&id).await, "cancelled");
    api.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_built_is_stopped_and_what_has_ended_stays_as_it_is() {
    let api = Api::start(&[]).await;
    let worker = Worker::start(&api, Does::Lasts);
    let id = api.archive("").await;
    api.wait_for(&id, "building").await;
    let answer = act(&api, &id, "cancel").await;
    assert_eq!((answer.status, &answer.json()["status"]), (200, &json!("cancelled")), "{}", answer.text);
    worker.stop().await;
    let worker = Worker::start(&api, Does::Publishes(SITE));
    let id = api.archive("").await;
    api.wait_for(&id, "deployed").await;
    let answer = act(&api, &id, "cancel").await;
    assert_eq!((answer.status, &answer.json()["status"]), (200, &json!("deployed")));
    worker.stop().await;
    act(&api, "nobody", "cancel").await.assert_problem(404, "not_found");
    act(&api, "a%20b", "cancel").await.assert_problem(404, "not_found");
    api.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_build_that_does_not_let_go_is_still_dying_after_two_seconds() {
    let api = Api::start(&[]).await;
    let let_go = CancellationToken::new();
    let worker = Worker::start(&api, Does::Hangs(let_go.clone()));
    let id = api.archive("").await;
    api.wait_for(&id, "building").await;
    let began = Instant::now();
    let answer = act(&api, &id, "cancel").await;
    assert_eq!((answer.status, &answer.json()["status"]), (202, &json!("building")), "{}", answer.text);
    assert!(began.elapsed() >= Duration::from_secs(2) && began.elapsed() < Duration::from_secs(10));
    delete(&api, &id).await.assert_problem(409, "conflict");
    let_go.cancel();
    api.wait_for(&id, "cancelled").await;
    worker.stop().await;
    api.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn once_the_end_is_decided_it_is_too_late() {
    use shipstack_state::{ClaimRequest, Decider, Outcome};
    let api = Api::start(&[]).await;
    let id = api.archive("").await;
    let (state, worker) = (&api.records.state, api.records.worker.clone());
    let request = ClaimRequest { worker, nonce: 1 };
    let claim = state.claim_next(shipstack_state::QueueName::Build, &request).await.unwrap().unwrap();
    let outcome = Outcome { state: shipstack_types::DeploymentState::Failed, record: "{}".into() };
    state.decide(Decider::Holder(&claim), &outcome).await.unwrap();
    act(&api, &id, "cancel").await.assert_problem(409, "too_late");
    assert_eq!(api.status(&id).await, "building");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_redeploy_has_the_same_source_and_is_a_deployment_of_its_own() {
    let api = Api::start(&[]).await;
    let worker = Worker::start(&api, Does::Publishes(SITE));
    for query in ["?directory=app&env.A=b", "?prebuilt=true"] {
        let parent = api.archive(query).await;
        api.wait_for(&parent, "deployed").await;
        let answer = act(&api, &parent, "redeploy").await;
        assert_eq!(answer.status, 202, "{}", answer.text);
        let child = answer.json()["id"].as_str().unwrap().to_owned();
        assert_eq!(answer.header("location"), format!("/v1/deployments/{child}"));
        assert_ne!(child, parent);
        api.wait_for(&child, "deployed").await;
        let (old, new) = (api.show(&parent).await, api.show(&child).await);
        assert_eq!((&new["source"], &new["parent"]), (&old["source"], &json!(parent)));
        let builds = api.get(&format!("/v1/deployments/{parent}/builds")).await.json();
        assert_eq!(builds["attempts"].as_array().unwrap().len(), 1, "{builds}");
        assert_eq!(
            (&builds["attempts"][0]["claim"], &builds["attempts"][0]["attempt"]),
            (&json!(1), &json!(1))
        );
        assert_eq!(builds["redeploys"], json!([new]));
        // The child stands alone.
        assert_eq!(delete(&api, &parent).await.status, 204);
        let grandchild = act(&api, &child, "redeploy").await.json()["id"].as_str().unwrap().to_owned();
        api.wait_for(&grandchild, "deployed").await;
    }
    act(&api, "nobody", "redeploy").await.assert_problem(404, "not_found");
    worker.stop().await;
    api.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_redeploy_of_a_repository_fetches_nothing() {
    let git = GitServer::start().unwrap();
    git.add_repo("app", &[("index.html", "1")]).unwrap();
    for layout in ["archive", "files"] {
        let host = git.host();
        let settings =
            [("SHIPSTACK_ALLOW_PRIVATE_GIT_HOSTS", host.as_str()), ("SHIPSTACK_SNAPSHOT_LAYOUT", layout)];
        let api = Api::start(&settings).await;
        let id = api.deploy(&git.url("app")).await;
        api.wait_for(&id, "uploaded").await;
        let child = act(&api, &id, "redeploy").await;
        assert_eq!((child.status, &child.json()["status"]), (202, &json!("uploaded")), "{}", child.text);
        assert_eq!(child.json()["source"], api.show(&id).await["source"], "the commit too");
        let failed = api.deploy(&git.url("nothing-there")).await;
        api.wait_for(&failed, "failed").await;
        act(&api, &failed, "redeploy").await.assert_problem(422, "source_missing");
        api.stop().await;
    }
}

async fn left_of(api: &Api, id: &str) -> Vec<String> {
    let prefix = shipstack_storage::KeyPrefix::Deployment(id.parse().unwrap());
    let page = api.records.store.list(&prefix, None).await.unwrap();
    page.entries.into_iter().map(|entry| entry.path).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_deleted_deployment_is_unknown_to_everyone_and_leaves_its_mark_alone() {
    let api = Api::start(&[]).await;
    let worker = Worker::start(&api, Does::Publishes(SITE));
    let id = api.archive("").await;
    api.wait_for(&id, "deployed").await;
    assert!(left_of(&api, &id).await.len() > 5);
    assert_eq!(delete(&api, &id).await.status, 204);
    assert_eq!(left_of(&api, &id).await, ["deleted.json"]);
    assert_eq!(api.status(&id).await, Value::Null);
    for path in ["", "/logs", "/builds", "/files", "/files/index.html"] {
        api.get(&format!("/v1/deployments/{id}{path}")).await.assert_problem(404, "not_found");
    }
    delete(&api, &id).await.assert_problem(404, "not_found");
    act(&api, &id, "redeploy").await.assert_problem(404, "not_found");
    act(&api, &id, "cancel").await.assert_problem(404, "not_found");
    assert_eq!(api.get("/v1/deployments").await.json()["items"], json!([]));
    worker.stop().await;
    let api = Api::start_in(api.stop().await, &[]).await;
    let indexed = async || api.records.state.index_complete().await.unwrap();
    wait_until("the index is back", indexed).await;
    assert_eq!(api.status(&id).await, Value::Null, "a reindex brings nothing back");
    assert_eq!(left_of(&api, &id).await, ["deleted.json"]);
    api.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_deletion_that_a_crash_cut_short_is_finished_by_the_reindex() {
    let api = Api::start(&[]).await;
    let id = api.archive("").await;
    act(&api, &id, "cancel").await;
    let mark = shipstack_storage::ObjectKey::Deleted(id.parse().unwrap());
    let body = shipstack_types::DeletedMark { at: api.records.now() };
    api.records.write_record(&mark, &body).await.unwrap();
    assert!(left_of(&api, &id).await.len() > 3);
    let api = Api::start_in(api.stop().await, &[]).await;
    let gone = async || left_of(&api, &id).await == ["deleted.json"];
    wait_until("the rest is gone", gone).await;
    api.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_waits_or_is_built_is_cancelled_before_it_is_deleted() {
    let api = Api::start(&[]).await;
    let waiting = api.archive("").await;
    assert_eq!(delete(&api, &waiting).await.status, 204);
    let worker = Worker::start(&api, Does::Lasts);
    let built = api.archive("").await;
    api.wait_for(&built, "building").await;
    assert_eq!(delete(&api, &built).await.status, 204);
    for id in [waiting, built] {
        assert_eq!(
            (api.status(&id).await, left_of(&api, &id).await),
            (Value::Null, vec!["deleted.json".to_owned()])
        );
    }
    worker.stop().await;
    api.stop().await;
}
