//! What was published, through the API: tenants' bytes never run on this origin.

use crate::support::Api;
use crate::worker::{Does, SITE, Worker};
use reqwest::Method;
use shipstack_storage::{ObjectKey, PutBody};
use shipstack_types::ClaimNumber;

async fn deployed(api: &Api) -> String {
    let worker = Worker::start(api, Does::Publishes(SITE));
    let id = api.archive("").await;
    api.wait_for(&id, "deployed").await;
    worker.stop().await;
    id
}

#[tokio::test(flavor = "multi_thread")]
async fn a_published_file_is_a_download_and_never_runs_here() {
    let api = Api::start(&[]).await;
    let id = deployed(&api).await;
    let manifest = api.get(&format!("/v1/deployments/{id}/files")).await.json();
    assert_eq!(manifest["entries"].as_array().unwrap().len(), 2);
    assert_eq!(manifest["entries"][1]["contentType"], "text/html; charset=utf-8");
    for (path, content) in [("index.html", SITE[1].2), ("assets/a%20b%2541%C3%A4.js", SITE[0].2)] {
        let answer = api.get(&format!("/v1/deployments/{id}/files/{path}")).await;
        assert_eq!((answer.status, answer.text.as_bytes()), (200, content), "{path}");
        assert_eq!(answer.header("content-type"), "application/octet-stream");
        assert!(answer.header("content-disposition").starts_with("attachment"));
        assert!(answer.header("content-security-policy").starts_with("sandbox"));
        assert_eq!(answer.header("x-content-type-options"), "nosniff");
        assert_eq!(answer.header("cross-origin-resource-policy"), "same-origin");
        assert_eq!(answer.header("content-length"), content.len().to_string());
    }
    let head = api.request(Method::HEAD, &format!("/v1/deployments/{id}/files/index.html"));
    let head = head.send().await.unwrap();
    assert_eq!(head.headers()["content-length"], SITE[1].2.len().to_string());
    assert_eq!(head.bytes().await.unwrap().len(), 0);
    api.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn only_what_the_manifest_names_is_ever_read() {
    let api = Api::start(&[]).await;
    let id = deployed(&api).await;
    let hidden = ObjectKey::Artifact {
        id: id.parse().unwrap(),
        claim: ClaimNumber::FIRST,
        path: "hidden.html".parse().unwrap(),
    };
    api.records.store.put(&hidden, PutBody::from(b"secret".to_vec()), None).await.unwrap();
    for path in [
        "hidden.html",
        "",
        "nothing",
        "assets",
        "index.html/",
        "%2e%2e/result.json",
        "..%2fresult.json",
        "%2fetc%2fpasswd",
        "assets//index.html",
        "a%00b",
        "INDEX.HTML",
    ] {
        let answer = api.get(&format!("/v1/deployments/{id}/files/{path}")).await;
        answer.assert_problem(404, "not_found");
    }
    let waiting = api.archive("").await;
    api.get(&format!("/v1/deployments/{waiting}/files")).await.assert_problem(404, "not_found");
    api.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_file_that_is_not_as_long_as_its_manifest_says_is_no_answer() {
    let api = Api::start(&[]).await;
    let id = deployed(&api).await;
    let key = ObjectKey::Artifact {
        id: id.parse().unwrap(),
        claim: ClaimNumber::FIRST,
        path: "index.html".parse().unwrap(),
    };
    api.records.store.put(&key, PutBody::from(b"shorter".to_vec()), None).await.unwrap();
    api.get(&format!("/v1/deployments/{id}/files/index.html")).await.assert_problem(500, "internal");
    api.stop().await;
}
