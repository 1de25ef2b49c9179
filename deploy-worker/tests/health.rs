//! What a worker says of itself on `SHIPSTACK_HEALTH_ADDR`.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, clippy::panic, reason = "tests")]

mod support;

use shipstack_testkit::ServiceFolder;
use support::{Worker, config};

async fn start(data: &ServiceFolder, docker: &str) -> Worker {
    Worker::start(config(data.path(), &[("DOCKER_HOST", docker)])).await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_worker_without_an_engine_lives_and_is_not_ready_and_says_why() {
    let data = ServiceFolder::new().unwrap();
    let worker = start(&data, "unix:///nowhere/docker.sock").await;
    assert_eq!(worker.get("/livez").await.0, 200);
    let (status, checks) = worker.checks().await;
    let expected = [("engine", false), ("builds", false), ("state", true), ("store", true)];
    assert_eq!((status, checks), (503, expected.map(|(name, ok)| (name.to_owned(), ok)).to_vec()));
    assert!(worker.get("/readyz").await.1.contains("DOCKER_HOST"));
    assert_eq!(worker.get("/metrics").await.0, 200);
    assert_eq!(worker.get("/v1/deployments").await.0, 404);
    worker.stop().await;
}

mod real_docker {
    use super::*;
    use shipstack_testkit::DockerEngine;

    #[tokio::test(flavor = "multi_thread")]
    async fn a_worker_with_an_engine_tells_every_check_and_its_slots() {
        let Some(engine) = DockerEngine::start() else { return };
        let data = ServiceFolder::new().unwrap();
        let worker = start(&data, engine.host()).await;
        let told = async || worker.checks().await.1.contains(&("builds".to_owned(), true));
        shipstack_testkit::wait_until("the engine is in sight", told).await;
        let (_, checks) = worker.checks().await;
        for name in ["engine", "isolation", "limits", "seccomp", "state", "store"] {
            assert!(checks.contains(&(name.to_owned(), true)), "{name}: {checks:?}");
        }
        let offers = async || {
            let text = worker.get("/metrics").await.1;
            text.contains("shipstack_worker_offered_slots{queue=\"build\"} 2")
        };
        shipstack_testkit::wait_until("the slots are offered", offers).await;
        worker.stop().await;
    }
}
