//! The classic contract as the Node system's clients, bucket and queue know it, seen with public tools.

use crate::fixture::Fixture;
use crate::platform::{Platform, Shape};
use crate::redis_cli::{address, redis_cli};
use shipstack_testkit::Leashed;
use std::path::Path;
use std::time::Duration;

const PATIENCE: Duration = Duration::from_mins(2);

fn monitor(platform: &Platform, folder: &Path) -> Leashed {
    let mut command = vec!["redis-cli".to_owned()];
    command.extend(address(&platform.redis.as_ref().unwrap().url()));
    command.push("monitor".to_owned());
    Leashed::start(folder, &command).unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_classic_deployment_looks_as_it_always_did() {
    let Some(platform) = Platform::start(Shape::ThreeServices, &[]).await else { return };
    let folder = tempfile::tempdir().unwrap();
    let _monitor = monitor(&platform, folder.path());
    let seen = || std::fs::read_to_string(folder.path().join("log")).unwrap_or_default().to_lowercase();
    platform.until(PATIENCE, "MONITOR", || async { seen().contains("ok") }).await;

    let id = platform.deploy_git("classic", &Fixture::of("plain")).await;
    let mut walked = Vec::new();
    platform
        .until(PATIENCE, "deployed in Redis", || {
            let word = redis_cli(&platform, &["HGET", "status", &id]);
            if walked.last() != Some(&word) {
                walked.push(word);
            }
            let done = walked.last().is_some_and(|word| word == "deployed");
            async move { done }
        })
        .await;
    let order = ["uploading", "uploaded", "building", "deployed"];
    let mut places = walked.iter().map(|word| order.iter().position(|known| known == word).expect(word));
    assert!(places.by_ref().is_sorted(), "{walked:?}");
    let commands = seen();
    assert!(commands.contains(&format!("\"lpush\" \"build-queue\" \"{id}\"")), "no LPUSH of the bare id");
    assert!(commands.contains("\"blmove\" \"build-queue\" \"build-queue\""), "no take from the right");

    let object = platform.bucket.as_ref().unwrap().fetch(&format!("output/{id}/dist/index.html")).unwrap();
    assert_eq!(object.status, 200);
    assert!(object.header("content-type").unwrap().starts_with("text/html"));
    let page = platform.visit(&id, "/", &[]).await;
    assert_eq!(page.bytes().await.unwrap(), object.body);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_id_pushed_by_hand_over_loose_files_is_built() {
    let Some(platform) = Platform::start(Shape::ThreeServices, &[]).await else { return };
    let bucket = platform.bucket.as_ref().unwrap();
    for (name, content) in Fixture::of("plain").with("dist/index.html", b"committed, never served").0 {
        bucket.put(&format!("output/aBc_-9/{name}"), &content).unwrap();
    }
    redis_cli(&platform, &["HSET", "status", "aBc_-9", "uploaded"]);
    redis_cli(&platform, &["LPUSH", "build-queue", "aBc_-9"]);
    platform.deployed("aBc_-9").await;
    let page = platform.get_from_site("/?id=aBc_-9").await.text().await.unwrap();
    assert!(page.contains("<h1>"), "{page}");
}

#[tokio::test(flavor = "multi_thread")]
async fn without_a_worker_the_queue_holds_the_bare_id() {
    let Some(mut platform) = Platform::start(Shape::ThreeServices, &[]).await else { return };
    let dead = platform.kill_worker();
    let id = platform.deploy_git("bare", &Fixture::of("static")).await;
    platform
        .until(PATIENCE, "uploaded", || async { platform.status(&id).await.as_deref() == Some("uploaded") })
        .await;
    assert_eq!(redis_cli(&platform, &["BRPOP", "build-queue", "1"]), format!("build-queue\n{id}"));
    platform.spawn(&["deploy-worker"], &[]);
    platform.is_rid_of(&[dead]).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_plain_take_builds_too() {
    let Some(platform) = Platform::start(Shape::ThreeServices, &[("SHIPSTACK_QUEUE_TAKE", "brpop")]).await
    else {
        return;
    };
    let id = platform.deploy_git("brpop", &Fixture::of("plain")).await;
    platform.deployed(&id).await;
    platform.leaves_nothing(&id).await;
}
