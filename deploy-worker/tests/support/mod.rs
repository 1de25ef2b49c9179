//! A worker in the test's own process, asked over HTTP how it is.
#![allow(dead_code, reason = "each test file uses some of it")]

pub(crate) mod docker;

use deploy_worker::{Config, Service};
use serde_json::Value;
use shipstack_records::Records;
use shipstack_service::Shutdown;
use shipstack_settings::Environment;
use std::io::{Read as _, Write as _};
use std::net::{SocketAddr, TcpStream};
use std::path::Path;
use tokio::task::JoinHandle;

pub(crate) struct Worker {
    health: SocketAddr,
    shutdown: Shutdown,
    running: JoinHandle<anyhow::Result<()>>,
}

/// The settings of a worker with this data folder, and what else is said.
pub(crate) fn config(data: &Path, more: &[(&str, &str)]) -> Config {
    let mut pairs = vec![
        ("SHIPSTACK_DATA_DIR", data.to_str().unwrap()),
        ("SHIPSTACK_HEALTH_ADDR", "127.0.0.1:0"),
        ("SHIPSTACK_LEASE", "2s"),
    ];
    pairs.extend(more);
    let environment = Environment::from_pairs(pairs);
    shipstack_settings::read(vec!["deploy-worker".into()], &environment).unwrap()
}

impl Worker {
    pub(crate) async fn start(config: Config) -> Self {
        let records = Records::connect_any(config.records()).await.unwrap();
        let service = Service::build(config, records).await.unwrap();
        let (health, shutdown) = (service.health_addr().unwrap(), Shutdown::new());
        let running = tokio::spawn(Box::pin(service.run(shutdown.clone())));
        Self { health, shutdown, running }
    }

    pub(crate) async fn get(&self, path: &'static str) -> (u16, String) {
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
    pub(crate) async fn checks(&self) -> (u16, Vec<(String, bool)>) {
        let (status, body) = self.get("/readyz").await;
        let json: Value = serde_json::from_str(&body).unwrap();
        let check =
            |check: &Value| (check["name"].as_str().unwrap().to_owned(), check["ok"].as_bool().unwrap());
        (status, json["checks"].as_array().unwrap().iter().map(check).collect())
    }

    /// Whether builds are taken, and what is said of it.
    pub(crate) async fn builds(&self) -> Value {
        let (_, body) = self.get("/readyz").await;
        let json: Value = serde_json::from_str(&body).unwrap();
        let checks = json["checks"].as_array().unwrap();
        checks.iter().find(|check| check["name"] == "builds").unwrap().clone()
    }

    pub(crate) async fn stop(self) {
        self.shutdown.ask();
        self.running.await.unwrap().unwrap();
    }
}
