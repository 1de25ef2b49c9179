//! The command line against a running platform: what each command answers, and with which exit code.

use crate::fixture::Fixture;
use crate::platform::{Platform, Shape, program};
use serde_json::Value;
use std::process::Command;
use std::time::Duration;

const PATIENCE: Duration = Duration::from_mins(2);

/// Exit code and standard output of a command.
pub(super) async fn shipstack(platform: &Platform, arguments: &[&str]) -> (i32, String) {
    let mut command = Command::new(program("shipstack").unwrap());
    command.args(arguments).env("SHIPSTACK_API_URL", &platform.api).envs(platform.environment());
    let output = tokio::task::spawn_blocking(move || command.output().unwrap()).await.unwrap();
    let told = String::from_utf8_lossy(&output.stderr);
    let code = output.status.code().unwrap_or_else(|| panic!("killed: {told}"));
    (code, String::from_utf8(output.stdout).unwrap())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_build_is_cancelled_listed_and_deleted_from_the_command_line() {
    let Some(platform) = Platform::start(Shape::AllInOne, &[]).await else { return };
    let id = platform.deploy_archive("", &Fixture::of("silent")).await;
    let building = || async { platform.log(&id).await.contains("going quiet") };
    platform.until(PATIENCE, "the build to run", building).await;

    let (code, answer) = shipstack(&platform, &["cancel", &id, "--json"]).await;
    let cancelled: Value = serde_json::from_str(&answer).unwrap();
    assert_eq!((code, &cancelled["status"]), (0, &"cancelled".into()), "{answer}");
    platform.leaves_nothing(&id).await;
    let (code, answer) = shipstack(&platform, &["cancel", &id]).await;
    assert_eq!(code, 0, "a repeat is no error: {answer}");

    let (_, listed) = shipstack(&platform, &["ls", "--status", "cancelled"]).await;
    assert!(listed.starts_with(&id), "{listed}");
    let (_, none) = shipstack(&platform, &["ls", "--status", "deployed"]).await;
    assert_eq!(none, "");
    let (code, log) = shipstack(&platform, &["logs", "-f", &id]).await;
    assert!(code == 0 && log.contains("going quiet") && log.contains("Cancelled."), "{code} {log}");

    let (code, _) = shipstack(&platform, &["rm", &id]).await;
    assert_eq!(code, 1, "nobody can be asked");
    assert_eq!(shipstack(&platform, &["rm", "--yes", &id]).await, (0, format!("{id}\n")));
    assert_eq!(shipstack(&platform, &["status", &id]).await, (1, String::new()));
    assert_eq!(shipstack(&platform, &["ls"]).await.1, "");
}

#[tokio::test(flavor = "multi_thread")]
async fn verify_and_reindex_look_at_store_and_redis_themselves() {
    let Some(platform) = Platform::start(Shape::ThreeServices, &[]).await else { return };
    let id = platform.deploy_archive("?prebuilt=true", &Fixture::of("static")).await;
    platform.deployed(&id).await;
    let (code, answer) = shipstack(&platform, &["verify", "--digests"]).await;
    assert_eq!((code, answer.as_str()), (0, "1 deployments, 2 files: all as promised\n"));
    let (code, answer) = shipstack(&platform, &["reindex", "--json"]).await;
    assert_eq!((code, answer.as_str()), (0, "{\"deployments\":1}\n"));

    let bucket = platform.bucket.as_ref().unwrap();
    let page = bucket.fetch(&format!("output/{id}/dist/index.html")).unwrap().body;
    bucket.put(&format!("output/{id}/dist/index.html"), &vec![b'x'; page.len()]).unwrap();
    assert_eq!(shipstack(&platform, &["verify"]).await.0, 0, "sizes alone do not show it");
    let (code, answer) = shipstack(&platform, &["verify", "--digests"]).await;
    assert!(code == 1 && answer.contains("index.html is not what was published"), "{answer}");
}

#[tokio::test(flavor = "multi_thread")]
async fn plan_and_completions_need_no_server() {
    let Some(platform) = Platform::start(Shape::AllInOne, &[]).await else { return };
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("package.json"), r#"{ "engines": { "node": "12" } }"#).unwrap();
    let path = folder.path().display().to_string();
    let (code, answer) = shipstack(&platform, &["plan", &path, "--json"]).await;
    let failure: Value = serde_json::from_str(&answer).unwrap();
    assert_eq!((code, &failure["stage"]), (1, &"preparing".into()), "{answer}");
    std::fs::write(folder.path().join("package.json"), r#"{ "scripts": { "build": "true" } }"#).unwrap();
    let (code, answer) = shipstack(&platform, &["plan", &path, "--node", "24"]).await;
    assert!(code == 0 && answer.contains("Node 24") && answer.contains("npm run build"), "{answer}");
    let (code, answer) = shipstack(&platform, &["completions", "bash"]).await;
    assert!(code == 0 && answer.contains("redeploy"), "{answer}");
}
