//! Every code of the table that ends a deployment here, on the real parts, with the words a person gets.

use crate::fixture::Fixture;
use crate::platform::{Platform, Shape};
use serde_json::Value;
use std::time::Duration;

const PATIENCE: Duration = Duration::from_mins(2);

/// A project that fails, and what it has to be told.
struct Case {
    project: Fixture,
    query: &'static str,
    stage: &'static str,
    code: &'static str,
    /// In message or remedy.
    words: &'static str,
}

fn case(project: Fixture, stage: &'static str, code: &'static str, words: &'static str) -> Case {
    Case { project, query: "", stage, code, words }
}

/// A project whose build is this script.
fn building(script: &str) -> Fixture {
    package(r#"{ "private": true, "scripts": { "build": "node build.mjs" } }"#)
        .with("build.mjs", script.as_bytes())
}

fn package(json: &str) -> Fixture {
    Fixture::default().with("package.json", json.as_bytes())
}

/// An address that is loopback wherever it is asked for, and that no tool exempts from the proxy.
const FAR_AWAY: &str =
    "await fetch('http://127.0.0.2:6379/').then((answer) => console.log(answer.status)); process.exit(1);";

fn users_faults() -> Vec<Case> {
    let writes = |what: &str| building(&format!("import * as fs from 'node:fs';\n{what}"));
    let pipe = "import { execSync } from 'node:child_process'; fs.mkdirSync('dist'); fs.writeFileSync('dist/index.html', 'x'); execSync('mkfifo dist/pipe');";
    let in_folder =
        Case { query: "?directory=web", ..case(building(""), "preparing", "directory_missing", "web") };
    let needs = |dependency: &str, build: &str| {
        package(&format!(
            r#"{{ "dependencies": {{ "{dependency}": "15.0.0" }}, "scripts": {{ "build": "{build}" }} }}"#
        ))
    };
    vec![
        case(writes("fs.mkdirSync('elsewhere');"), "collecting", "output_missing", "elsewhere"),
        case(writes("fs.mkdirSync('dist');"), "collecting", "output_empty", "build command"),
        case(writes(pipe), "collecting", "output_refused", "pipe"),
        case(
            writes("fs.mkdirSync('dist'); fs.symlinkSync('/etc/passwd', 'dist/index.html');"),
            "collecting",
            "output_refused",
            "index.html",
        ),
        case(needs("next", "next build"), "preparing", "server_app", "output: 'export'"),
        case(
            package(r#"{ "engines": { "node": "12.x" }, "scripts": { "build": "true" } }"#),
            "preparing",
            "toolchain_unavailable",
            "22",
        ),
        case(package("{ \"name\": "), "preparing", "project_invalid", "package.json"),
        in_folder,
        case(Fixture::default().with("README.md", b"hello"), "preparing", "no_site", "index.html"),
        case(
            package(r#"{ "scripts": { "preinstall": "exit 7", "build": "true" } }"#),
            "installing",
            "install_failed",
            "exit code 7",
        ),
        case(building(FAR_AWAY), "building", "egress_denied", "127.0.0.2:6379"),
    ]
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_wrong_with_a_project_is_said_in_words_that_help() {
    let Some(platform) = Platform::start(Shape::AllInOne, &[]).await else { return };
    let mut running = Vec::new();
    for case in users_faults() {
        let id = platform.deploy_archive(case.query, &case.project).await;
        running.push((case, id));
    }
    for (case, id) in running {
        let failure = platform.failure(&id).await;
        assert_told(&failure, &case, "user");
        platform.leaves_nothing(&id).await;
    }
}

fn assert_told(failure: &Value, case: &Case, fault: &str) {
    assert_eq!(failure["code"], case.code, "{failure:#}");
    assert_eq!((&failure["stage"], &failure["fault"]), (&case.stage.into(), &fault.into()), "{failure:#}");
    let words = format!("{} {}", failure["message"], failure["remedy"]);
    assert!(words.contains(case.words), "{}: {failure:#}", case.words);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_build_without_end_and_one_that_fills_the_disk_are_stopped() {
    // Long enough for the disk to be looked at, which happens every ten seconds.
    let settings = [("SHIPSTACK_BUILD_TIMEOUT", "25s"), ("SHIPSTACK_BUILD_DISK", "64MiB")];
    let Some(platform) = Platform::start(Shape::AllInOne, &settings).await else { return };
    let ticking = "setInterval(() => console.log('tick'), 500);";
    let filling = format!(
        "import * as fs from 'node:fs'; fs.writeFileSync('big', Buffer.alloc(128 << 20, 1)); {ticking}"
    );
    let endless = platform.deploy_archive("", &building(ticking)).await;
    let greedy = platform.deploy_archive("", &building(&filling)).await;
    for (id, code, words) in [(greedy, "disk_limit", "64 MiB allowed"), (endless, "build_timeout", "25 s")] {
        let failure = platform.failure(&id).await;
        assert_told(&failure, &case(Fixture::default(), "building", code, words), "user");
        platform.leaves_nothing(&id).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_source_that_is_not_there_or_not_itself_is_never_built() {
    let Some(mut platform) = Platform::start(Shape::ThreeServices, &[]).await else { return };
    let dead = platform.kill_worker();
    let spoilt = platform.deploy_archive("", &Fixture::of("plain")).await;
    let bucket = platform.bucket.as_ref().unwrap();
    bucket.put(&format!("output/{spoilt}/source.tar.zst"), b"something else").unwrap();
    platform.redis.as_ref().unwrap().raw("LPUSH build-queue pushed-by-hand").unwrap();
    platform.spawn(&["deploy-worker"], &[]);
    let failure = platform.failure(&spoilt).await;
    assert_told(&failure, &case(Fixture::default(), "preparing", "source_corrupt", "digest"), "platform");
    let failure = platform.failure("pushed-by-hand").await;
    assert_told(&failure, &case(Fixture::default(), "preparing", "source_missing", "output/"), "user");
    platform.is_rid_of(&[dead]).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_store_that_takes_too_long_fails_the_platform_and_not_the_project() {
    let settings = [("SHIPSTACK_PUBLISH_TIMEOUT", "1ms")];
    let Some(platform) = Platform::start(Shape::ThreeServices, &settings).await else { return };
    // No store takes so many in a timer's tick; it does take two files.
    let many = (0..300).fold(Fixture::of("static"), |site, n| site.with(&format!("{n}.txt"), b"x"));
    let id = platform.deploy_archive("?prebuilt=true", &many).await;
    let failure = platform.failure(&id).await;
    assert_told(&failure, &case(Fixture::default(), "storing", "publish_timeout", "longer than"), "platform");
    let deployment: Value = platform.get(&format!("/v1/deployments/{id}")).await.json().await.unwrap();
    assert_eq!(deployment["attempt"], 3, "a platform fault is tried again");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_build_that_kills_its_worker_is_given_up_after_three_attempts() {
    let Some(mut platform) = Platform::start(Shape::ThreeServices, &[]).await else { return };
    let mut dead = vec![platform.kill_worker()];
    let id = platform.deploy_archive("", &Fixture::of("plain")).await;
    let held = "held at failpoint build";
    for _attempt in 0..3 {
        platform.spawn(&["deploy-worker"], &[("SHIPSTACK_FAILPOINTS", "build")]);
        platform.until(PATIENCE, held, || async { platform.output("deploy-worker").contains(held) }).await;
        dead.push(platform.kill_worker());
    }
    let failure = platform.failure(&id).await;
    assert_told(&failure, &case(Fixture::default(), "building", "worker_lost", "Deploy again"), "platform");
    platform.spawn(&["deploy-worker"], &[]);
    platform.is_rid_of(&dead).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_site_that_the_node_systems_worker_built_is_adopted() {
    let settings = [("SHIPSTACK_SNAPSHOT_LAYOUT", "files")];
    let Some(mut platform) = Platform::start(Shape::ThreeServices, &settings).await else { return };
    let dead = platform.kill_worker();
    let id = platform.deploy_git("foreign", &Fixture::of("plain")).await;
    platform
        .until(PATIENCE, "uploaded", || async { platform.status(&id).await.as_deref() == Some("uploaded") })
        .await;
    let (redis, bucket) = (platform.redis.as_ref().unwrap(), platform.bucket.as_ref().unwrap());
    assert!(redis.raw("BRPOP build-queue 1").unwrap().contains(&id));
    assert_eq!(bucket.fetch(&format!("output/{id}/package.json")).unwrap().status, 200, "loose files");
    bucket.put(&format!("output/{id}/dist/index.html"), b"<h1>theirs</h1>").unwrap();
    bucket.put(&format!("output/{id}/dist/app.js"), b"void 0").unwrap();
    redis.raw(&format!("HSET status {id} deployed")).unwrap();
    let site = || async {
        let page = platform.visit(&id, "/", &[]).await;
        page.status() == 200 && page.text().await.is_ok_and(|text| text.contains("theirs"))
    };
    platform.until(PATIENCE, "the reconciler to adopt it", site).await;
    let deployment = platform.deployed(&id).await;
    assert_eq!(deployment["files"], 2, "{deployment:#}");
    let script = platform.visit(&id, "/app.js", &[]).await;
    assert_eq!(script.headers()["content-type"], "text/javascript; charset=utf-8");
    platform.spawn(&["deploy-worker"], &[]);
    platform.is_rid_of(&[dead]).await;
}
