//! `GET /metrics` of the API: guarded, and true.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, clippy::panic, reason = "tests")]
#![allow(dead_code, reason = "the shared support is for all files of this folder")]

mod support;

use support::build::Build;
use support::{Answer, Api};

fn value(text: &str, series: &str) -> Option<f64> {
    let line =
        text.lines().find(|line| line.strip_prefix(series).is_some_and(|rest| rest.starts_with(' ')))?;
    line.rsplit(' ').next()?.parse().ok()
}

#[tokio::test(flavor = "multi_thread")]
async fn what_happened_is_counted_and_only_told_to_those_with_the_token() {
    let api = Api::start(&[("SHIPSTACK_TOKEN", "s3cret")]).await;
    api.get("/metrics").await.assert_problem(401, "unauthorized");
    let scrape = async || {
        let request = api.request(reqwest::Method::GET, "/metrics").bearer_auth("s3cret");
        let answer = Answer::of(request.send().await.unwrap()).await;
        assert_eq!(answer.status, 200);
        assert!(answer.header("content-type").starts_with("text/plain"));
        answer.text
    };
    let building = Build::begin(&api.records).await;
    Build::accept(&api.records).await;
    building.end().await;
    let text = scrape().await;
    assert_eq!(value(&text, "shipstack_queue_waiting_jobs{queue=\"build\"}"), Some(1.0), "{text}");
    let ended = "shipstack_deployments_ended_total{status=\"failed\",code=\"none\"}";
    assert_eq!(value(&text, ended), Some(1.0), "{text}");
    let refused = "shipstack_http_answered_requests_total{route=\"/metrics\",status=\"4xx\"}";
    assert_eq!(value(&text, refused), Some(1.0), "{text}");
    assert!(!text.contains(building.id().as_str()), "no label is an id");
    for (path, route) in [("/v1/deployments/abc", "/v1/deployments/{id}"), ("/nowhere/at/all", "none")] {
        let request = api.request(reqwest::Method::GET, path).bearer_auth("s3cret");
        assert_eq!(request.send().await.unwrap().status(), 404);
        let series = format!("shipstack_http_answered_requests_total{{route=\"{route}\",status=\"4xx\"}}");
        assert_eq!(value(&scrape().await, &series), Some(1.0), "{series}");
    }
    api.stop().await;
}
