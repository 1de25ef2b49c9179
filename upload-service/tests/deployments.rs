//! v1 over HTTP: archives and repositories in, deployments and logs out.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, clippy::panic, reason = "tests")]

mod support;

use reqwest::Method;
use serde_json::{Value, json};
use shipstack_testkit::GitServer;
use shipstack_testkit::git::{Misbehaviour, RepoFile};
use shipstack_types::DeploymentId;
use std::time::{Duration, Instant};
use support::{Answer, Api};

/// A tar with these members: name, kind, content.
fn tar(members: &[(&str, u8, &[u8])]) -> Vec<u8> {
    let mut archive = Vec::new();
    for (name, kind, content) in members {
        let mut header = tar::Header::new_ustar();
        header.as_old_mut().name[..name.len()].copy_from_slice(name.as_bytes());
        header.as_old_mut().linkflag[0] = *kind;
        header.set_mode(0o644);
        header.set_size(content.len() as u64);
        header.set_cksum();
        archive.extend_from_slice(header.as_bytes());
        archive.extend_from_slice(content);
        archive.resize(archive.len().next_multiple_of(512), 0);
    }
    archive.extend_from_slice(&[0; 1024]);
    archive
}

fn site() -> Vec<u8> {
    tar(&[("index.html", b'0', b"<h1>hi</h1>")])
}

#[tokio::test(flavor = "multi_thread")]
async fn an_archive_is_accepted_in_every_form() {
    let api = Api::start(&[]).await;
    let zstd = zstd::encode_all(&site()[..], 1).unwrap();
    for (kind, body) in [
        ("application/x-tar", site()),
        ("application/zstd", zstd.clone()),
        ("application/octet-stream", zstd),
        ("application/x-www-form-urlencoded", site()),
    ] {
        let answer = api.post("/v1/deployments?directory=app&env.A=b", kind, body).await;
        assert_eq!(answer.status, 202, "{kind}: {}", answer.text);
        let deployment = answer.json();
        let id = deployment["id"].as_str().unwrap();
        assert_eq!(answer.header("location"), format!("/v1/deployments/{id}"));
        assert_eq!(
            (&deployment["status"], &deployment["source"]["kind"]),
            (&json!("uploaded"), &json!("archive"))
        );
        assert_eq!((&deployment["source"]["files"], &deployment["source"]["bytes"]), (&json!(1), &json!(11)));
        assert_eq!(api.status(id).await, "uploaded");
    }
    let path = "/v1/deployments?prebuilt=true&name=my%20site";
    let prebuilt = api.post(path, "application/x-tar", site()).await;
    assert_eq!(prebuilt.json()["source"]["prebuilt"], true, "{}", prebuilt.text);
    assert_eq!(prebuilt.json()["source"]["name"], "my site", "what it was called is shown");
    let listed = api.get("/v1/deployments?limit=1").await.json();
    assert_eq!(listed["items"][0]["source"]["name"], "my site");
    let again = api
        .post(
            &format!("/v1/deployments/{}/redeploy", prebuilt.json()["id"].as_str().unwrap()),
            "application/json",
            Vec::new(),
        )
        .await;
    assert_eq!(again.json()["source"]["name"], "my site", "{}", again.text);
    api.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn each_bad_archive_has_its_code_and_leaves_nothing() {
    let api = Api::start(&[("SHIPSTACK_SOURCE_MAX_BYTES", "100KiB")]).await;
    let x: &[u8] = b"x";
    for (status, code, body) in [
        (400, "path_escape", tar(&[("../esc", b'0', x)])),
        (400, "path_escape", tar(&[("/etc/x", b'0', x)])),
        (400, "entry_type", tar(&[("pipe", b'6', b"")])),
        (400, "entry_type", tar(&[("a", b'0', x), ("a", b'0', x)])),
        (400, "entry_type", site()[..700].to_vec()),
        (
            413,
            "archive_limit",
            tar(&[("a", b'0', &vec![0; 60_000]), ("b", b'0', &vec![0; 60_000])]).drain(..).collect(),
        ),
        (413, "body_too_large", vec![b'x'; 200 * 1024]),
        (415, "unsupported_media_type", b"PK\x03\x04 a zip".to_vec()),
        (415, "unsupported_media_type", Vec::new()),
    ] {
        // The limit on the tree is reached in few bytes by compressing them.
        let body = if code == "archive_limit" { zstd::encode_all(&body[..], 1).unwrap() } else { body };
        let answer = api.post("/v1/deployments", "application/octet-stream", body).await;
        answer.assert_problem(status, code);
    }
    let lying = api.post("/v1/deployments", "application/gzip", site()).await;
    lying.assert_problem(415, "unsupported_media_type");
    let zip = api.post("/v1/deployments", "application/zip", site()).await;
    zip.assert_problem(415, "unsupported_media_type");
    assert!(zip.json()["detail"].as_str().unwrap().contains("application/gzip"), "{}", zip.text);
    assert_eq!(api.stored().await, 0);
    api.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn options_are_checked_and_the_field_is_named() {
    let api = Api::start(&[]).await;
    let long = format!("command={}", "x".repeat(9000));
    for (query, named) in [
        ("directory=../x", "directory"),
        ("output=/", "output"),
        ("output=dist/../../src", "output"),
        ("output=.git", "output"),
        ("command=a%00b", "command"),
        (long.as_str(), "command"),
        ("env.1A=x", "env.1A"),
        ("env.A%3DB=x", "env.A=B"),
        ("prebuilt=perhaps", "prebuilt"),
        ("nonsense=1", "nonsense"),
        ("node=20&node=22", "node"),
        ("node=banana", "build.node"),
        ("name=a%0Ab", "name"),
        ("name=", "name"),
    ] {
        let answer = api.post(&format!("/v1/deployments?{query}"), "application/x-tar", site()).await;
        answer.assert_problem(400, "invalid_option");
        assert!(answer.json()["detail"].as_str().unwrap().contains(named), "{query}: {}", answer.text);
    }
    let many: serde_json::Map<_, _> = (0..65).map(|at| (format!("A{at}"), json!(""))).collect();
    for (field, value) in [
        ("build", json!({ "output": ".." })),
        ("build", json!({ "env": { "": "x" } })),
        ("build", json!({ "env": many })),
        ("build", json!({ "env": { "A": "x".repeat(9000) } })),
        ("build", json!({ "unknown": 1 })),
        ("project", json!("shop")),
        ("nonsense", json!(1)),
    ] {
        let body = json!({ "git": { "url": "https://github.com/a/b" }, field: value }).to_string();
        api.post_json("/v1/deployments", &body).await.assert_problem(400, "invalid_option");
    }
    for (field, value) in [("node", "banana"), ("directory", "../x"), ("output", "/")] {
        let body =
            json!({ "git": { "url": "https://github.com/a/b" }, "build": { field: value } }).to_string();
        let refused = api.post_json("/v1/deployments", &body).await;
        refused.assert_problem(400, "invalid_option");
        let named = format!("build.{field}: ");
        assert!(refused.json()["detail"].as_str().unwrap().contains(&named), "{}", refused.text);
    }
    for git_ref in
        ["--upload-pack=touch x", "-x", "a..b", "a b", "a~1", "a^", "a:b", "@{", "a.lock", "HEAD", "a//b"]
    {
        let body = json!({ "git": { "url": "https://github.com/a/b", "ref": git_ref } }).to_string();
        api.post_json("/v1/deployments", &body).await.assert_problem(400, "invalid_ref");
    }
    let local = json!({ "git": { "url": "https://127.0.0.1/a" } }).to_string();
    api.post_json("/v1/deployments", &local).await.assert_problem(400, "address_not_allowed");
    assert_eq!(api.stored().await, 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_client_that_leaves_leaves_nothing() {
    use tokio::io::AsyncWriteExt;
    let api = Api::start(&[]).await;
    for sent in [0, 100, 600, 1100] {
        let mut stream = tokio::net::TcpStream::connect(api.address).await.unwrap();
        let head = "POST /v1/deployments HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/x-tar\r\n\
                    Content-Length: 100000\r\n\r\n";
        stream.write_all(head.as_bytes()).await.unwrap();
        stream.write_all(&site()[..sent]).await.unwrap();
        drop(stream);
    }
    assert_eq!(api.post("/v1/deployments", "application/x-tar", site()).await.status, 202);
    shipstack_testkit::wait_until("the spool is empty", async || api.spooled().is_empty()).await;
    assert_eq!(api.stored().await, 1);
    api.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn each_way_that_fetching_fails_ends_the_deployment_with_its_code() {
    let git = GitServer::start().unwrap();
    git.add_repository("empty").unwrap();
    let large = git.add_repository("large").unwrap();
    large.commit("main", &[("big.bin", RepoFile::Plain(vec![7; 300 * 1024]))]).unwrap();
    git.add_repo("app", &[("a", "1")]).unwrap();
    git.misbehave("closed", Misbehaviour::Status(401));
    git.misbehave("moved", Misbehaviour::Redirect("http://127.0.0.1:1/x".into()));
    git.misbehave("broken", Misbehaviour::Close);
    git.misbehave("stalled", Misbehaviour::Stall);
    let host = git.host();
    let api = Api::start(&[
        ("SHIPSTACK_ALLOW_PRIVATE_GIT_HOSTS", &host),
        ("SHIPSTACK_SOURCE_MAX_BYTES", "200KiB"),
        ("SHIPSTACK_CLONE_TIMEOUT", "3s"),
    ])
    .await;
    for (name, git_ref, stage, code) in [
        ("absent", None, "cloning", "git_repository_not_found"),
        ("empty", None, "cloning", "git_empty"),
        ("app", Some("nope"), "cloning", "git_ref_not_found"),
        ("closed", None, "cloning", "git_auth_required"),
        ("moved", None, "cloning", "address_not_allowed"),
        ("broken", None, "cloning", "git_unreachable"),
        ("stalled", None, "cloning", "clone_timeout"),
        ("large", None, "snapshotting", "source_too_large"),
    ] {
        let body = json!({ "git": { "url": git.url(name), "ref": git_ref } }).to_string();
        let answer = api.post_json("/v1/deployments", &body).await;
        assert_eq!((answer.status, &answer.json()["status"]), (202, &json!("uploading")), "{}", answer.text);
        let id = answer.json()["id"].as_str().unwrap().to_owned();
        api.wait_for(&id, "failed").await;
        let deployment = api.show(&id).await;
        let failure = &deployment["failure"];
        assert_eq!((&failure["code"], &failure["stage"]), (&json!(code), &json!(stage)), "{deployment}");
        assert_eq!(
            (&failure["fault"], deployment["endedAt"].is_string()),
            (&json!("user"), true),
            "{deployment}"
        );
        let log = api.get(&format!("/v1/deployments/{id}/logs?follow=true")).await;
        assert!(log.text.contains(code), "{name}: {}", log.text);
    }
    api.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_host_that_does_not_exist_is_accepted_and_then_said() {
    use shipstack_source::{HostCheck, check_host};
    let mut texts = vec!["https://nosuchhost.invalid/x.git"];
    let asked_for = "https://no-such-host.example.org/a";
    let (none, budget) = (shipstack_types::HostAllowList::default(), Duration::from_secs(5));
    let url = shipstack_types::GitUrl::parse(asked_for, &none).unwrap();
    match check_host(&url, &none, budget).await {
        HostCheck::NotFound => texts.push(asked_for),
        _ => shipstack_testkit::skip("a resolver", &"it does not say that a name does not exist"),
    }
    let api = Api::start(&[]).await;
    for text in texts {
        let id = api.deploy(text).await;
        api.wait_for(&id, "failed").await;
        let failure = api.show(&id).await["failure"].clone();
        assert_eq!(failure["code"], "git_host_not_found", "{failure}");
        assert!(failure["message"].as_str().unwrap().contains("does not exist"), "{failure}");
    }
    api.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_log_is_followed_from_any_line_to_its_end_and_reads_the_same_afterwards() {
    let git = GitServer::start().unwrap();
    git.misbehave("stalled", Misbehaviour::Stall);
    let host = git.host();
    let api =
        Api::start(&[("SHIPSTACK_ALLOW_PRIVATE_GIT_HOSTS", &host), ("SHIPSTACK_CLONE_TIMEOUT", "2s")]).await;
    let id = api.deploy(&git.url("stalled")).await;
    let path = format!("/v1/deployments/{id}/logs");
    let ask = async |query: &str| {
        let request =
            api.request(Method::GET, &format!("{path}?{query}")).header("accept", "application/x-ndjson");
        Answer::of(request.send().await.unwrap()).await.text
    };
    let live = ask("follow=1").await;
    let seqs: Vec<u64> = live
        .lines()
        .map(|line| serde_json::from_str::<Value>(line).unwrap()["seq"].as_u64().unwrap())
        .collect();
    assert!(seqs.len() >= 3 && seqs.iter().copied().eq(1..=seqs.len() as u64), "{live}");
    api.wait_for(&id, "failed").await;
    assert_eq!(ask("").await, live);
    let from_2: Vec<&str> = live.lines().skip(1).collect();
    assert_eq!(ask("from=2").await.lines().collect::<Vec<_>>(), from_2);
    assert_eq!(ask("from=2&follow=true").await.lines().collect::<Vec<_>>(), from_2);
    assert_eq!(ask("from=9999&follow=true").await, "");
    api.get(&format!("{path}?from=-1")).await.assert_problem(400, "invalid_option");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_does_not_exist_is_404() {
    let api = Api::start(&[]).await;
    for id in ["k3v9x2m7q4tzb8wd", "-x", "a%2fb", "%00", &"x".repeat(100)] {
        for path in [format!("/v1/deployments/{id}"), format!("/v1/deployments/{id}/logs")] {
            api.get(&path).await.assert_problem(404, "not_found");
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_record_that_cannot_be_read_is_ours_and_says_nothing_but_a_request_id() {
    let api = Api::start(&[]).await;
    let id: DeploymentId = "k3v9x2m7q4tzb8wd".parse().unwrap();
    let key = shipstack_storage::ObjectKey::Birth(id.clone());
    let garbage = shipstack_storage::PutBody::from(b"the secret cause".to_vec());
    api.records.store.put(&key, garbage, None).await.unwrap();
    let answer = api.get(&format!("/v1/deployments/{id}")).await;
    answer.assert_problem(500, "internal");
    assert!(!answer.text.contains("secret"), "{}", answer.text);
}

/// Bytes that no compression makes smaller.
fn noise(bytes: u32) -> Vec<u8> {
    (0..bytes).map(|at| at.wrapping_mul(2_654_435_761).wrapping_mul(at | 1).to_be_bytes()[0]).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_full_disk_fails_the_one_request_and_retries_the_one_job_and_heals() {
    let Some(disk) = shipstack_testkit::SmallDisk::mount(1 << 20) else { return };
    let git = GitServer::start().unwrap();
    let repository = git.add_repository("app").unwrap();
    repository.commit("main", &[("big.bin", RepoFile::Plain(noise(2 << 20)))]).unwrap();
    let (host, folder) = (git.host(), disk.path().to_str().unwrap().to_owned());
    let pairs = [
        ("SHIPSTACK_ALLOW_PRIVATE_GIT_HOSTS", host.as_str()),
        ("SHIPSTACK_DATA_DIR", folder.as_str()),
        // Let in all the same: here the disk fills up under it.
        ("SHIPSTACK_MIN_FREE_DISK", "0"),
    ];
    let api = Api::start(&pairs).await;
    let archive = tar(&[("big.bin", b'0', &noise(2 << 20))]);
    let answer = api.post("/v1/deployments", "application/x-tar", archive.clone()).await;
    answer.assert_problem(503, "disk_full");
    assert!(!answer.header("retry-after").is_empty());
    let id = api.deploy(&git.url("app")).await;
    let retrying = async || api.show(&id).await["phase"] == "retrying";
    shipstack_testkit::wait_until("the fetch rests", retrying).await;
    disk.resize(64 << 20).unwrap();
    assert_eq!(api.post("/v1/deployments", "application/x-tar", archive).await.status, 202);
    api.wait_for(&id, "uploaded").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_stop_ends_followed_logs_at_once() {
    let git = GitServer::start().unwrap();
    git.add_repo("app", &[("a", "1")]).unwrap();
    let api = Api::start(&[("SHIPSTACK_ALLOW_PRIVATE_GIT_HOSTS", &git.host())]).await;
    let id = api.deploy(&git.url("app")).await;
    api.wait_for(&id, "uploaded").await;
    let mut following =
        api.request(Method::GET, &format!("/v1/deployments/{id}/logs?follow=true")).send().await.unwrap();
    assert!(following.chunk().await.unwrap().is_some());
    let began = Instant::now();
    let (_data, rest) =
        tokio::join!(api.stop(), async { while let Ok(Some(_)) = following.chunk().await {} });
    let () = rest;
    assert!(began.elapsed() < Duration::from_secs(8), "{:?}", began.elapsed());
}
