//! The engine as the worker sees it.

use crate::check;
use crate::client::{Client, over_network};
use crate::config::EngineConfig;
use crate::egress::Egress;
use crate::error::EngineError;
use crate::image::{self, ImageId, Tool};
use crate::janitor::{self, Cleaned, Live};
use crate::sandbox::{Sandbox, SandboxRequest};
use shipstack_types::{Check, ClaimNumber, DeploymentId, EgressOptions};
use std::collections::HashSet;
use std::path::PathBuf;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

/// A connection to a Docker engine and the warm proxy on it. Clones share both.
#[derive(Clone, Debug)]
pub struct Engine {
    core: Arc<Core>,
}

/// What the sandboxes of an engine share.
#[derive(Debug)]
pub(crate) struct Core {
    pub(crate) client: Client,
    pub(crate) config: EngineConfig,
    pub(crate) egress: Egress,
    /// Claims with a sandbox of this process, which the janitor leaves alone whatever the leases say.
    open: Mutex<HashSet<(DeploymentId, ClaimNumber)>>,
}

impl Engine {
    /// Connects and agrees on the API version; starts nothing.
    pub async fn connect(config: EngineConfig) -> Result<Self, EngineError> {
        let client =
            Client::connect(config.docker_host.as_deref(), config.docker_certificates.as_deref()).await?;
        let egress = Egress::new(client.clone(), &config);
        Ok(Self { core: Arc::new(Core { client, config, egress, open: Mutex::default() }) })
    }

    /// What a person should know about this engine before builds run on it.
    pub async fn check(&self) -> Vec<Check> {
        check::all(&self.core).await
    }

    /// Whether the engine answers now; what a worker asks before it claims.
    pub async fn ping(&self) -> Result<(), EngineError> {
        self.core.client.quick.ping().await.map(drop).map_err(|error| EngineError::of("ping", error))
    }

    /// The builder image's name, when it is not there: it is pulled or built when it is needed, which takes its time.
    pub async fn missing_image(&self) -> Result<Option<String>, EngineError> {
        let name = self.core.config.image.as_deref().unwrap_or(image::DEFAULT_IMAGE);
        let found = image::find(&self.core.client, name).await?;
        Ok(found.is_none().then(|| name.to_owned()))
    }

    /// Where the engine keeps images, volumes and containers, when that may be a folder of this machine: an engine that is
    /// reached over the network has its disk elsewhere.
    pub async fn data_folder(&self) -> Result<Option<PathBuf>, EngineError> {
        if self.core.config.docker_host.as_deref().is_some_and(over_network) {
            return Ok(None);
        }
        let info = self.core.client.quick.info().await.map_err(|error| EngineError::of("describe", error))?;
        Ok(info.docker_root_dir.map(PathBuf::from))
    }

    /// Makes sure that the builder image is there: present, pulled, or built from the embedded Dockerfile.
    pub async fn ensure_image(&self) -> Result<ImageId, EngineError> {
        Ok(image::ensure(&self.core.client, self.core.config.image.as_deref()).await?.id)
    }

    /// The tools that the builder image says it has; empty for an image that says nothing.
    pub async fn tools(&self) -> Result<Vec<Tool>, EngineError> {
        Ok(image::ensure(&self.core.client, self.core.config.image.as_deref()).await?.tools)
    }

    /// The same as long as the image is there, and nothing while it is not: asking does not make one.
    pub async fn tools_there(&self) -> Result<Vec<Tool>, EngineError> {
        let name = self.core.config.image.as_deref().unwrap_or(image::DEFAULT_IMAGE);
        Ok(image::find(&self.core.client, name).await?.map(|found| found.tools).unwrap_or_default())
    }

    /// Starts the egress proxy, so that the first build need not wait for it. Nothing to do without one.
    pub async fn start_egress(&self) -> Result<(), EngineError> {
        if !self.core.config.way(&EgressOptions::default()).is_proxied() {
            return Ok(());
        }
        let image = self.ensure_image().await?;
        self.core.egress.ensure(image.as_str()).await.map(drop)
    }

    /// Opens a sandbox for a claim. When the caller goes away in the middle, what was made is still removed.
    pub async fn open(&self, request: SandboxRequest) -> Result<Sandbox, EngineError> {
        let opening = tokio::spawn(Sandbox::open(Arc::clone(&self.core), request));
        opening
            .await
            .unwrap_or_else(|_| Err(EngineError::EgressLost { why: "opening was cut off".to_owned() }))
    }

    /// Removes what dead workers left: labelled containers, networks and volumes that no live claim holds and that
    /// are older than `age` (two leases).
    pub async fn clean(&self, live: &Live, age: Duration) -> Result<Cleaned, EngineError> {
        janitor::clean(&self.core, live, age).await
    }

    /// Ends the proxy and removes its network. Sandboxes are removed by their owners.
    pub async fn shut_down(&self) {
        self.core.egress.shut_down().await;
    }
}

impl Core {
    /// The claims that have a sandbox in this process; nobody panics while holding the lock.
    pub(crate) fn open_claims(&self) -> MutexGuard<'_, HashSet<(DeploymentId, ClaimNumber)>> {
        self.open.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
