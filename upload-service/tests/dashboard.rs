//! The dashboard as a browser gets it, built or not.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, clippy::panic, reason = "tests")]

mod support;

use support::{Answer, Api};

async fn get_with(api: &Api, path: &str, name: &str, value: &str) -> Answer {
    Answer::of(api.client.get(api.url(path)).header(name, value).send().await.unwrap()).await
}

#[tokio::test]
async fn a_page_runs_its_own_scripts_only_and_is_framed_by_nobody() {
    let api = Api::start(&[]).await;
    let page = api.get("/").await;
    assert_eq!((page.status, page.header("content-type")), (200, "text/html; charset=utf-8"));
    let policy = page.header("content-security-policy");
    assert!(policy.contains("default-src 'none'") && policy.contains("frame-ancestors 'none'"), "{policy}");
    assert!(!policy.contains("unsafe"), "{policy}");
    assert_eq!(page.header("x-frame-options"), "DENY");
    assert_eq!(page.header("x-content-type-options"), "nosniff");
    assert_eq!(page.header("referrer-policy"), "same-origin");
    assert_eq!(page.header("cache-control"), "no-cache");
    let inline = page.text.matches("<script>").count();
    assert!(policy.matches("'sha256-").count() >= inline, "each inline script has its hash: {policy}");
}

#[tokio::test]
async fn a_page_that_the_browser_has_is_not_sent_again() {
    let api = Api::start(&[]).await;
    let etag = api.get("/").await.header("etag").to_owned();
    assert_eq!(get_with(&api, "/", "if-none-match", &etag).await.status, 304);
    assert_eq!(get_with(&api, "/", "if-none-match", "\"other\"").await.status, 200);
    let zipped = get_with(&api, "/", "accept-encoding", "gzip").await;
    assert_eq!(zipped.header("content-encoding"), "gzip");
}

#[tokio::test]
async fn the_api_keeps_its_paths_and_its_refusals() {
    let api = Api::start(&[]).await;
    get_with(&api, "/v1/nothing", "accept", "text/html").await.assert_problem(404, "not_found");
    for path in ["/livez", "/readyz", "/health", "/v1/openapi.json", "/v1/deployments"] {
        let answer = api.get(path).await;
        assert!(!answer.header("content-type").starts_with("text/html"), "{path}");
    }
    for path in ["/../Cargo.toml", "/%2e%2e/Cargo.toml", "//etc/passwd", "/_next/../index.html"] {
        assert_ne!(get_with(&api, path, "accept", "application/json").await.status, 500, "{path}");
    }
}

#[tokio::test]
async fn pages_need_no_token_and_what_they_show_does() {
    let api = Api::start(&[("SHIPSTACK_TOKEN", "correct-horse-battery-staple")]).await;
    assert_eq!(api.get("/").await.status, 200);
    api.get("/v1/deployments").await.assert_problem(401, "unauthorized");
    api.get("/no-such-page").await.assert_problem(401, "unauthorized");
}

#[tokio::test]
async fn a_page_is_found_without_its_last_slash_too() {
    let api = Api::start(&[]).await;
    if !api.get("/").await.text.contains("_next") {
        return; // Built without Node: there is one page.
    }
    let client =
        reqwest::Client::builder().no_proxy().redirect(reqwest::redirect::Policy::none()).build().unwrap();
    let answer = Answer::of(client.get(api.url("/deployments/view?id=a")).send().await.unwrap()).await;
    assert_eq!((answer.status, answer.header("location")), (308, "/deployments/view/?id=a"));
}
