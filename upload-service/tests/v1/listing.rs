//! `GET /v1/deployments`.

use crate::support::Api;
use crate::worker::{Does, SITE, Worker};
use serde_json::{Value, json};

async fn ids(api: &Api, query: &str) -> Vec<String> {
    let answer = api.get(&format!("/v1/deployments{query}")).await;
    assert_eq!(answer.status, 200, "{}", answer.text);
    let items = answer.json()["items"].as_array().unwrap().clone();
    items.iter().map(|item| item["id"].as_str().unwrap().to_owned()).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn deployments_are_listed_newest_first_in_pages() {
    let api = Api::start(&[]).await;
    let empty = api.get("/v1/deployments").await;
    assert_eq!(empty.json(), json!({ "items": [], "nextCursor": null }));
    let mut accepted = Vec::new();
    for _ in 0..7 {
        accepted.push(api.archive("").await);
    }
    accepted.reverse();
    let mut listed = ids(&api, "").await;
    let mut sorted = accepted.clone();
    // Archives of one millisecond stand in the order of their ids.
    assert_eq!(listed.len(), 7);
    let (mut paged, mut cursor) = (Vec::new(), String::new());
    loop {
        let page = api.get(&format!("/v1/deployments?limit=3{cursor}")).await.json();
        let items = page["items"].as_array().unwrap();
        assert!(items.len() <= 3);
        paged.extend(items.iter().map(|item| item["id"].as_str().unwrap().to_owned()));
        let Some(next) = page["nextCursor"].as_str() else { break };
        cursor = format!("&cursor={next}");
    }
    assert_eq!(paged, listed);
    listed.sort();
    sorted.sort();
    assert_eq!(listed, sorted);
    assert_eq!(ids(&api, "?project=nobody").await, Vec::<String>::new());
    api.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_list_can_be_narrowed_to_one_status() {
    let api = Api::start(&[]).await;
    let worker = Worker::start(&api, Does::Publishes(SITE));
    let deployed = api.archive("").await;
    api.wait_for(&deployed, "deployed").await;
    worker.stop().await;
    let waiting = api.archive("").await;
    assert_eq!(ids(&api, "?status=deployed").await, [deployed.as_str()]);
    assert_eq!(ids(&api, "?status=uploaded").await, [waiting.as_str()]);
    assert_eq!(ids(&api, "?status=failed").await, Vec::<String>::new());
    let item: Value = api.get("/v1/deployments?status=deployed").await.json()["items"][0].clone();
    assert_eq!(item, api.show(&deployed).await, "an item is the whole deployment");
    api.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_filter_that_means_nothing_is_refused() {
    let api = Api::start(&[]).await;
    for query in [
        "limit=0",
        "limit=101",
        "limit=-1",
        "limit=x",
        "status=done",
        "status=Deployed",
        "cursor=x",
        "cursor=",
        "cursor=1.%2e%2e",
        "cursor=99999999999999999999.a",
        "stauts=deployed",
        "limit=1&limit=2",
    ] {
        let answer = api.get(&format!("/v1/deployments?{query}")).await;
        answer.assert_problem(400, "invalid_option");
    }
    api.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_list_comes_back_with_the_process() {
    let api = Api::start(&[]).await;
    let worker = Worker::start(&api, Does::Publishes(SITE));
    let deployed = api.archive("").await;
    api.wait_for(&deployed, "deployed").await;
    worker.stop().await;
    let waiting = api.archive("").await;
    let before = ids(&api, "").await;
    let api = Api::start_in(api.stop().await, &[]).await;
    shipstack_testkit::wait_until("the index is back", async || ids(&api, "").await == before).await;
    assert_eq!(ids(&api, "?status=deployed").await, [deployed]);
    assert_eq!(ids(&api, "?status=uploaded").await, [waiting]);
    api.stop().await;
}
