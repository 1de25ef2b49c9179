//! `GET /v1/server`: what a running server says of itself and of its workers, as far as the command line asks.

use std::time::Duration;

use reqwest::Method;
use serde::Deserialize;
use shipstack_types::Check;

use super::{Api, ApiError};

/// What a server that has never heard of a worker needs.
pub(crate) const START_WORKER: &str =
    "Start one: `shipstack up` has one in it, deploy-worker is one by itself.";

/// A server takes two seconds when something it looks at is silent; one that takes longer is not well, or none of ours.
const PATIENCE: Duration = Duration::from_secs(5);

/// A server.
#[derive(Deserialize)]
pub(crate) struct Server {
    pub(crate) version: String,
    /// Those of its `/readyz`.
    pub(crate) checks: Vec<Check>,
    /// Unknown while the state is away.
    pub(crate) workers: Option<Vec<Worker>>,
}

/// A worker, as of its last heartbeat.
#[derive(Deserialize)]
pub(crate) struct Worker {
    pub(crate) id: String,
    pub(crate) version: String,
    /// Builds at once.
    pub(crate) slots: u32,
    /// Whether all its checks were fine.
    pub(crate) ready: bool,
    pub(crate) checks: Vec<Check>,
}

impl Api {
    /// What the server says of itself.
    pub(crate) async fn server(&self) -> Result<Server, ApiError> {
        self.ask(self.request(Method::GET, "/v1/server").timeout(PATIENCE)).await
    }
}
