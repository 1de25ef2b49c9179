//! How long what waits for a build is told that it will.

use crate::support::Api;
use crate::support::build::Build;
use serde_json::Value;
use shipstack_state::WorkerPresence;
use shipstack_testkit::wait_until;
use shipstack_types::WorkerId;
use std::time::{Duration, Instant};

/// Builds before an estimate is made.
const ENOUGH: u8 = 3;
/// Each takes at least so long.
const TOOK: Duration = Duration::from_millis(300);

/// A build that took a while and ended; how long at most.
async fn built(api: &Api) -> Duration {
    let began = Instant::now();
    let build = Build::begin(&api.records).await;
    let claimed = Instant::now();
    wait_until("the build has taken a while", async || claimed.elapsed() >= TOOK).await;
    build.end().await;
    // The state counts in whole milliseconds.
    began.elapsed() + Duration::from_millis(1)
}

async fn one_slot(api: &Api) {
    let presence = WorkerPresence {
        worker: WorkerId::new("test", [1; 8]),
        role: "deploy-worker".to_owned(),
        slots: 1,
        version: "0.1.0".to_owned(),
        checks: Vec::new(),
        node: Vec::new(),
    };
    api.records.state.announce(&presence).await.unwrap();
}

async fn told(api: &Api, id: &str) -> Value {
    api.show(id).await["estimatedWaitMs"].clone()
}

#[tokio::test(flavor = "multi_thread")]
async fn what_waits_for_a_build_is_told_for_about_how_many_milliseconds() {
    let api = Api::start(&[]).await;
    let mut longest = Duration::ZERO;
    for _ in 0..ENOUGH {
        longest = longest.max(built(&api).await);
    }
    let running = Build::begin(&api.records).await;
    let (first, second) = (api.archive("").await, api.archive("").await);
    assert!(told(&api, &second).await.is_null(), "there is nobody who builds");
    one_slot(&api).await;
    let estimate = async |id: &str| Duration::from_millis(told(&api, id).await.as_u64().unwrap());
    let second = estimate(&second).await;
    assert!((TOOK..=2 * longest).contains(&second), "{second:?}, where a build takes {longest:?} at most");
    let first = estimate(&first).await;
    assert!(first <= longest, "{first:?}, where the one that runs takes {longest:?} at most");
    assert!(told(&api, running.id().as_str()).await.is_null(), "it does not wait any more");
    running.end().await;
    api.stop().await;
}
