//! The Node system's routes (contract §1) over HTTP, and what strangers send to them (hostile.md §1, §2).

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, clippy::panic, reason = "tests")]

mod support;

use reqwest::Method;
use serde_json::{Value, json};
use shipstack_testkit::GitServer;
use std::time::{Duration, Instant};
use support::{Answer, Api};

#[tokio::test(flavor = "multi_thread")]
async fn a_repository_is_accepted_fetched_and_queued() {
    let git = GitServer::start().unwrap();
    let commit = git.add_repo("app", &[("package.json", "{}"), ("src/a.js", "1")]).unwrap();
    let api = Api::start(&[("SHIPSTACK_ALLOW_PRIVATE_GIT_HOSTS", &git.host())]).await;
    let id = api.deploy(&git.url("app")).await;
    assert_eq!(id.len(), 16);
    api.wait_for(&id, "uploaded").await;
    let deployment = api.show(&id).await;
    let source = &deployment["source"];
    assert_eq!((&source["kind"], &source["commit"]), (&json!("git"), &json!(commit)));
    assert_eq!((&source["files"], &source["bytes"]), (&json!(2), &json!(3)));
    assert_eq!(deployment["url"], format!("http://{id}.localhost:3001/"));
    let log = api.get(&format!("/v1/deployments/{id}/logs")).await;
    assert!(log.text.contains(&commit) && log.text.contains("Cloning"), "{}", log.text);
    assert_eq!(log.header("content-type"), "text/plain; charset=utf-8");
    api.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn with_the_files_layout_the_source_lies_loose_without_what_is_ours() {
    let git = GitServer::start().unwrap();
    git.add_repo("app", &[("a.html", "1"), ("src/b.js", "2"), ("dist/old.js", "3"), ("result.json", "{}")])
        .unwrap();
    let host = git.host();
    let pairs =
        [("SHIPSTACK_ALLOW_PRIVATE_GIT_HOSTS", host.as_str()), ("SHIPSTACK_SNAPSHOT_LAYOUT", "files")];
    let api = Api::start(&pairs).await;
    let id = api.deploy(&git.url("app")).await;
    api.wait_for(&id, "uploaded").await;
    let store = &api.records.store;
    let id = id.parse().unwrap();
    let prefix = shipstack_storage::KeyPrefix::Loose(id);
    let listed = || async {
        let entries = store.list(&prefix, None).await.unwrap().entries;
        let mut names: Vec<String> = entries.into_iter().map(|entry| entry.path).collect();
        names.sort_unstable();
        names
    };
    // What intake has said is kept for the worker's claim once the source is handed over.
    let log = "intake/1.log.zst";
    let kept = || async { listed().await.iter().any(|name| name == log) };
    shipstack_testkit::wait_until("the log of intake is kept", kept).await;
    assert_eq!(listed().await, ["a.html", "deployment.json", "intake/1.json", log, "src/b.js"]);
    api.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn every_alias_of_the_url_is_understood() {
    let git = GitServer::start().unwrap();
    let api = Api::start(&[("SHIPSTACK_ALLOW_PRIVATE_GIT_HOSTS", &git.host())]).await;
    for alias in ["repourl", "repoUrl", "repo_url", "url"] {
        let body = json!({ alias: git.url("app"), "__proto__": { "x": 1 }, "constructor": {} }).to_string();
        let answer = api.post_json("/deploy", &body).await;
        assert_eq!(answer.status, 200, "{alias}: {}", answer.text);
    }
    api.stop().await;
}

async fn refused(api: &Api, body: &str, code: &str) {
    let began = Instant::now();
    let answer = api.post_json("/deploy", body).await;
    answer.assert_classic(400, code);
    assert_eq!(answer.json()["message"], "Deployment failed");
    assert!(began.elapsed() < Duration::from_secs(2), "{body} took {:?}", began.elapsed());
}

#[tokio::test(flavor = "multi_thread")]
async fn each_unacceptable_url_has_its_code_and_leaves_nothing() {
    let api = Api::start(&[]).await;
    for (code, urls) in [
        (
            "invalid_url",
            &[
                "",
                "not a url",
                "/srv/repo",
                "../x",
                "--upload-pack=touch x",
                "https:/github.com/a",
                "https:github.com/a",
                "https:\\\\github.com\\a",
                "https:///github.com/a",
                "https://github.com/a b",
            ][..],
        ),
        (
            "scheme_not_allowed",
            &[
                "file:///etc/passwd",
                "ext::sh",
                "git://h/x",
                "ssh://git@h/x",
                "ftp://h/x",
                "https::ext::sh",
                "javascript:x",
            ],
        ),
        ("credentials_in_url", &["https://github.com@evil.example/x", "https://u:p@github.com/x"]),
        (
            "address_not_allowed",
            &[
                "https://127.0.0.1/x",
                "https://127.1/x",
                "https://0x7f.1/x",
                "https://2130706433/x",
                "https://0/x",
                "https://[::1]/x",
                "https://[::ffff:a9fe:a9fe]/",
                "https://10.0.0.5/",
                "https://100.64.0.1/",
                "https://169.254.169.254/latest",
                "https://localhost/",
                "https://LOCALHOST./",
                "https://foo.localhost/",
                "https://redis:6379/",
                "https://host.docker.internal/",
                "https://kubernetes.default.svc/",
                "https://a.b:6379/",
                "https://a.b:0/",
            ],
        ),
    ] {
        for url in urls {
            refused(&api, &json!({ "repourl": url }).to_string(), code).await;
        }
    }
    let texts = |answer: Answer| answer.json()["error"].as_str().unwrap().to_owned();
    let answer = api.post_json("/deploy", r#"{"repourl":"nonsense"}"#).await;
    assert_eq!(texts(answer), "Repository URL must be a valid absolute URL");
    let answer = api.post_json("/deploy", r#"{"repourl":"file:///x"}"#).await;
    assert_eq!(texts(answer), "Only http(s) repository URLs are allowed");
    assert_eq!(api.stored().await, 0);
    api.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn rows_1_to_10_a_body_that_is_not_what_it_should_be_is_400() {
    let api = Api::start(&[]).await;
    let deep = "[".repeat(10_000);
    for body in ["", "{", "{\"repourl\":", "\u{feff}{}"] {
        refused(&api, body, "invalid_json").await;
    }
    for body in ["[]", "\"x\"", "null", "123", deep.as_str()] {
        assert_eq!(api.post_json("/deploy", body).await.status, 400, "{body}");
    }
    for body in [r#"{"repourl":["https://a.b/c"]}"#, r#"{"repourl":{"x":1}}"#, r#"{"repourl":1e309}"#] {
        assert_eq!(api.post_json("/deploy", body).await.status, 400, "{body}");
    }
    refused(&api, r#"{"repourl":null}"#, "invalid_url").await;
    refused(&api, "{}", "invalid_url").await;
    let twice = r#"{"repourl":"https://github.com/a/b","repourl":"file:///etc"}"#;
    assert_eq!(api.post_json("/deploy", twice).await.status, 400);
    for text in ["\\u0000", "\\u000a", "\\u202e", "\\ud800"] {
        let body = format!(r#"{{"repourl":"https://github.com/a/b{text}"}}"#);
        assert_eq!(api.post_json("/deploy", &body).await.status, 400, "{text}");
    }
    let broken = api.post("/deploy", "application/json", b"{\"repourl\":\"\xff\xfe\"}".to_vec()).await;
    broken.assert_classic(400, "invalid_json");
    assert_eq!(api.stored().await, 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn rows_12_to_16_kinds_sizes_and_stalls() {
    let api = Api::start(&[]).await;
    let good = r#"{"repourl":"https://github.com/a/b"}"#;
    for kind in ["text/plain", "application/x-www-form-urlencoded", "application/json; charset=utf-16"] {
        api.post("/deploy", kind, good).await.assert_classic(415, "unsupported_media_type");
    }
    let bare = api.request(Method::POST, "/deploy").body(good).send().await.unwrap();
    Answer::of(bare).await.assert_classic(415, "unsupported_media_type");
    let zipped = api.request(Method::POST, "/deploy").header("content-type", "application/json");
    let zipped = zipped.header("content-encoding", "gzip").body(vec![0x1f, 0x8b]).send().await.unwrap();
    Answer::of(zipped).await.assert_classic(415, "unsupported_media_type");
    let large = json!({ "repourl": format!("https://github.com/{}", "a".repeat(17_000)) }).to_string();
    api.post_json("/deploy", &large).await.assert_classic(413, "body_too_large");
    let head = "POST /deploy HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n";
    let huge = format!("{head}Expect: 100-continue\r\nContent-Length: 10000000000\r\n\r\n");
    // actix says that it may go on before any handler is asked; what counts is that nothing of it is read.
    let answer = api.raw(huge.as_bytes()).await.replace("HTTP/1.1 100 Continue\r\n\r\n", "");
    assert!(answer.starts_with("HTTP/1.1 413"), "{answer}");
    let began = Instant::now();
    let stalled = api.raw(format!("{head}Content-Length: 10\r\n\r\n{{}}").as_bytes()).await;
    assert!(stalled.starts_with("HTTP/1.1 408") && stalled.contains("request_timeout"), "{stalled}");
    assert!(began.elapsed() < Duration::from_secs(15));
    assert_eq!(api.stored().await, 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn row_30_paths_and_methods_are_exact() {
    let api = Api::start(&[]).await;
    let answer = api.get("/deploy").await;
    answer.assert_classic(405, "method_not_allowed");
    assert_eq!(answer.header("allow"), "POST");
    let answer = Answer::of(api.request(Method::DELETE, "/status?id=a").send().await.unwrap()).await;
    answer.assert_classic(405, "method_not_allowed");
    assert_eq!(answer.header("allow"), "GET");
    let answer = Answer::of(api.request(Method::PUT, "/v1/deployments").send().await.unwrap()).await;
    answer.assert_problem(405, "method_not_allowed");
    for path in ["/deploy/", "//deploy", "/deploy;x", "/Deploy", "/v1", "/"] {
        api.post_json(path, "{}").await.assert_problem(404, "not_found");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_status_of_an_unknown_id_is_null() {
    let api = Api::start(&[]).await;
    for id in ["k3v9x2m7q4tzb8wd", "abc", "-x", "..%2f..%2fetc", "a%00b", &"x".repeat(500)] {
        let answer = api.get(&format!("/status?id={id}")).await;
        assert_eq!((answer.status, &answer.json()["status"]), (200, &Value::Null), "{id}");
    }
    api.get("/status").await.assert_classic(400, "invalid_option");
    api.get("/status?id=").await.assert_classic(400, "invalid_option");
}

#[tokio::test(flavor = "multi_thread")]
async fn health_is_answered_three_ways() {
    let api = Api::start(&[]).await;
    let health = api.get("/health").await.json();
    assert!(health["status"] == "ok" && health["timestamp"].is_string());
    assert_eq!(api.get("/livez").await.status, 200);
    let ready = api.get("/readyz").await;
    assert_eq!(ready.status, 200, "{}", ready.text);
    let names: Vec<&Value> =
        ready.json()["checks"].as_array().unwrap().iter().map(|_| &Value::Null).collect();
    assert_eq!(names.len(), 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn strangers_are_told_apart_by_host_origin_and_token() {
    let api = Api::start(&[("SHIPSTACK_TOKEN", "s3cret")]).await;
    api.post_json("/deploy", "{}").await.assert_classic(401, "unauthorized");
    api.get("/v1/deployments/abc").await.assert_problem(401, "unauthorized");
    assert_eq!(api.get("/livez").await.status, 200);
    let post = || {
        api.request(Method::POST, "/deploy").bearer_auth("s3cret").header("content-type", "application/json")
    };
    let answer = post().header("host", "evil.example").body("{}").send().await.unwrap();
    Answer::of(answer).await.assert_classic(421, "host_not_allowed");
    for origin in ["http://abc.localhost:3001", "https://evil.example", "null"] {
        let answer = post().header("origin", origin).body("{}").send().await.unwrap();
        Answer::of(answer).await.assert_classic(403, "foreign_origin");
    }
    let answer = post().header("origin", "http://localhost:3000").body("{}").send().await.unwrap();
    Answer::of(answer).await.assert_classic(400, "invalid_url");
}
