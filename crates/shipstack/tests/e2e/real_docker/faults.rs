//! What dies in the middle: a worker at each step, and all of Redis.

use crate::fixture::Fixture;
use crate::platform::{Platform, Shape};
use std::time::{Duration, Instant};

/// Lease and two reaps (reliability.md, promise 3), and what this machine's other load may add.
const TAKEN_UP_AGAIN: Duration = Duration::from_secs(15);
const PATIENCE: Duration = Duration::from_mins(2);

#[tokio::test(flavor = "multi_thread")]
async fn a_worker_killed_at_any_step_loses_no_job() {
    let Some(mut platform) = Platform::start(Shape::ThreeServices, &[]).await else { return };
    let mut dead = vec![platform.kill_worker()];
    for step in ["download", "install", "build", "upload", "decide", "settle"] {
        let (id, killed) = kill_a_worker_at(&mut platform, step).await;
        dead.push(killed);
        let deployment = platform.deployed(&id).await;
        let page = platform.visit(&id, "/", &[]).await.text().await.unwrap();
        assert!(page.contains("<h1>"), "{step}: {page}");
        assert_one_claim_is_served(&platform, &id, &deployment).await;
        platform.leaves_nothing(&id).await;
        dead.push(platform.kill_worker());
    }
    platform.spawn(&["deploy-worker"], &[]);
    platform.is_rid_of(&dead).await;
}

/// Holds a worker at a step of a new deployment, kills it there, and starts another one, which has to take the job up
/// within the promised time. Answers the deployment and the dead worker.
async fn kill_a_worker_at(platform: &mut Platform, step: &str) -> (String, String) {
    platform.spawn(&["deploy-worker"], &[("SHIPSTACK_FAILPOINTS", step)]);
    let id = platform.deploy_archive("", &Fixture::of("plain")).await;
    let held = format!("held at failpoint {step}");
    platform.until(PATIENCE, &held, || async { platform.output("deploy-worker").contains(&held) }).await;
    let dead = platform.kill_worker();
    let killed = Instant::now();
    platform.spawn(&["deploy-worker"], &[]);
    platform
        .until(PATIENCE, "the job to be taken up", || async {
            platform.output("deploy-worker").contains(&id)
                || platform.status(&id).await.as_deref() == Some("deployed")
        })
        .await;
    assert!(killed.elapsed() < TAKEN_UP_AGAIN, "{step}: taken up after {:?}", killed.elapsed());
    (id, dead)
}

/// The manifest that counts names objects of one claim only, and each is there.
async fn assert_one_claim_is_served(platform: &Platform, id: &str, deployment: &serde_json::Value) {
    let bucket = platform.bucket.as_ref().unwrap();
    let result = bucket.fetch(&format!("output/{id}/result.json")).unwrap();
    let result: serde_json::Value = serde_json::from_slice(&result.body).unwrap();
    let manifest_key = result["published"]["manifestKey"].as_str().unwrap();
    let manifest = bucket.fetch(manifest_key).unwrap();
    let manifest: serde_json::Value = serde_json::from_slice(&manifest.body).unwrap();
    let prefix = manifest_key.strip_suffix("manifest.json").unwrap();
    let entries = manifest["entries"].as_array().unwrap();
    assert_eq!(entries.len() as u64, deployment["files"].as_u64().unwrap());
    for entry in entries {
        let path = entry["path"].as_str().unwrap();
        let object = bucket.fetch(&format!("{prefix}dist/{path}")).unwrap();
        assert_eq!(object.body.len() as u64, entry["bytes"].as_u64().unwrap(), "{path}");
        let served = platform.visit(id, &format!("/{path}"), &[]).await;
        if served.status() == 200 {
            assert_eq!(served.bytes().await.unwrap(), object.body, "{path}");
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_emptied_redis_loses_nothing_that_was_acknowledged() {
    let slots = [("SHIPSTACK_BUILD_SLOTS", "3")];
    let Some(platform) = Platform::start(Shape::ThreeServices, &slots).await else { return };
    let earlier = platform.deploy_archive("?prebuilt=true", &Fixture::of("static")).await;
    platform.deployed(&earlier).await;

    let mut ids = Vec::new();
    for _ in 0..3 {
        ids.push(platform.deploy_archive("", &slow_build()).await);
    }
    for id in &ids {
        platform
            .until(PATIENCE, "building", || async {
                platform.status(id).await.as_deref() == Some("building")
            })
            .await;
    }
    platform.redis.as_ref().unwrap().raw("FLUSHALL").unwrap();
    assert_eq!(platform.visit(&earlier, "/", &[]).await.status(), 200);
    for id in &ids {
        platform.deployed(id).await;
    }
    assert_eq!(platform.status(&earlier).await.as_deref(), Some("deployed"));
    assert_eq!(platform.visit(&earlier, "/", &[]).await.status(), 200);
}

/// A build that is still running when something happens to it.
fn slow_build() -> Fixture {
    let script = b"setTimeout(() => import('./work.mjs'), 4000);\nconsole.log('waiting');\n";
    let plain = Fixture::of("plain");
    let work = plain.get("build.mjs").to_vec();
    plain.with("work.mjs", &work).with("build.mjs", script)
}
