//! What a worker says of itself on `SHIPSTACK_HEALTH_ADDR`.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, clippy::panic, reason = "tests")]

use deploy_worker::{Config, Service};
use serde_json::Value;
use shipstack_records::Records;
use shipstack_service::Shutdown;
use shipstack_settings::Environment;
use shipstack_testkit::ServiceFolder;
use std::io::{Read as _, Write as _};
use std::net::{SocketAddr, TcpStream};
use tokio::task::JoinHandle;

struct Worker {
    health: SocketAddr,
    shutdown: Shutdown,
    running: JoinHandle<anyhow::Result<()>>,
    _data: ServiceFolder,
}

impl Worker {
    async fn start(docker: &str) -> Self {
        let data = ServiceFolder::new().unwrap();
        let pairs = [
            ("SHIPSTACK_DATA_DIR", data.path().to_str().unwrap()),
            ("SHIPSTACK_HEALTH_ADDR", "127.0.0.1:0"),
            ("DOCKER_HOST", docker),
        ];
        let environment = Environment::from_pairs(pairs);
        let config: Config = shipstack_settings::read(vec!["deploy-worker".into()], &environment).unwrap();
        let records = Records::connect_any(config.records()).await.unwrap();
        let service = Service::build(config, records).await.unwrap();
        let (health, shutdown) = (service.health_addr().unwrap(), Shutdown::new());
        let running = tokio::spawn(Box::pin(service.run(shutdown.clone())));
        Self { health, shutdown, running, _data: data }
    }

    async fn get(&self, path: &'static str) -> (u16, String) {
        let health = self.health;
        let asking = move || {
            let mut stream = TcpStream::connect(health).unwrap();
            write!(stream, "GET {path} HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n").unwrap();
            let mut answer = String::new();
            stream.read_to_string(&mut answer).unwrap();
            answer
        };
        let answer = tokio::task::spawn_blocking(asking).await.unwrap();
        let (head, body) = answer.split_once("\r\n\r\n").unwrap();
        (head[9..12].parse().unwrap(), body.to_owned())
    }

    /// Each check and whether it is fine.
    async fn checks(&self) -> (u16, Vec<(String, bool)>) {
        let (status, body) = self.get("/readyz").await;
        let json: Value = serde_json::from_str(&body).unwrap();
        let check =
            |check: &Value| (check["name"].as_str().unwrap().to_owned(), check["ok"].as_bool().unwrap());
        (status, json["checks"].as_array().unwrap().iter().map(check).collect())
    }

    async fn stop(self) {
        self.shutdown.ask();
        self.running.await.unwrap().unwrap();
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_worker_without_an_engine_lives_and_is_not_ready_and_says_why() {
    let worker = Worker::start("unix:///nowhere/docker.sock").await;
    assert_eq!(worker.get("/livez").await.0, 200);
    let (status, checks) = worker.checks().await;
    let expected = [("engine", false), ("state", true), ("store", true)];
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
        let worker = Worker::start(engine.host()).await;
        let told = async || worker.checks().await.1.iter().any(|(name, _)| name == "builds");
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
