//! Opening: network and volume side by side, then the container, then its start and the proxy's way in side by side.

use super::peak::Peak;
use super::{Sandbox, SandboxRequest};
use crate::config::Way;
use crate::egress::Admitted;
use crate::engine::Core;
use crate::error::{EngineError, is_conflict};
use crate::events::Events;
use crate::guard::Made;
use crate::image::{self, ImageId};
use crate::labels::Owner;
use crate::network::{self, Reach};
use crate::spec::{ContainerSpec, Role, create};
use bollard::errors::Error as DockerError;
use bollard::models::VolumeCreateRequest;
use bollard::query_parameters::CreateContainerOptions;
use shipstack_egress::wire::Terms;
use shipstack_types::EgressBounds;
use std::sync::Arc;
use std::sync::atomic::AtomicBool;
use std::time::Instant;

/// What is being opened; what it has made is removed when a later step fails.
struct Opening<'a> {
    core: &'a Core,
    request: &'a SandboxRequest,
    way: &'a Way,
    owner: Owner,
    made: Made,
}

impl Sandbox {
    /// Opens a sandbox for a claim.
    pub(crate) async fn open(core: Arc<Core>, request: SandboxRequest) -> Result<Self, EngineError> {
        let claim = (request.deployment.clone(), request.claim);
        let owner = Owner {
            installation: core.config.installation.clone(),
            worker: core.config.worker.clone(),
            created: core.config.clock.now(),
            claim: Some(claim.clone()),
        };
        if !core.open_claims().insert(claim.clone()) {
            return Err(EngineError::AlreadyExists { name: owner.name() });
        }
        let way = core.config.way(&request.egress);
        let mut opening = Opening { core: &core, request: &request, way: &way, owner, made: Made::default() };
        match opening.open().await {
            Ok((image, container, admitted)) => {
                let made = std::mem::take(&mut opening.made);
                Ok(Self {
                    events: Events::watch(&core.client, &container),
                    peak: Peak::watch(&core.client, &container),
                    has_ca: core.config.ca_file.is_some(),
                    stopped: AtomicBool::new(false),
                    core,
                    request,
                    way,
                    image,
                    made,
                    container,
                    admitted,
                })
            }
            Err(error) => {
                if let Err(leak) = opening.made.remove(&core.client).await {
                    tracing::error!(error = %leak, deployment.id = %claim.0, "a sandbox that did not open left something behind");
                }
                core.open_claims().remove(&claim);
                Err(error)
            }
        }
    }
}

impl Opening<'_> {
    async fn open(&mut self) -> Result<(ImageId, String, Option<Admitted>), EngineError> {
        let named = self.core.config.image.as_deref();
        let image = timed("image", image::ensure(&self.core.client, named)).await?.id;
        let (network, volume) =
            tokio::join!(timed("network", self.create_network()), timed("volume", self.create_volume()));
        self.made.network = network.as_ref().ok().cloned().flatten();
        self.made.volume = volume.as_ref().ok().cloned();
        let (network, volume) = (network?, volume?);
        let container = timed("create", self.create_container(&image, network.clone(), volume)).await?;
        self.made.container = Some(container.clone());
        let (started, admitted) = tokio::join!(
            timed("start", self.start(&container)),
            timed("egress", self.admit(&image, network))
        );
        started?;
        Ok((image, container, admitted?))
    }

    async fn create_network(&self) -> Result<Option<String>, EngineError> {
        if matches!(self.way, Way::Bounded(_)) && !self.way.is_proxied() {
            return Ok(None);
        }
        network::create(&self.core.client, &self.owner, self.reach()).await.map(Some)
    }

    fn reach(&self) -> Reach {
        match self.way {
            Way::Bounded(_) => Reach::Internal,
            Way::Bridge => Reach::Outside,
        }
    }

    /// The engine names it: a name of ours could be one that an earlier claim left, with its content.
    async fn create_volume(&self) -> Result<String, EngineError> {
        let request =
            VolumeCreateRequest { labels: Some(self.owner.labels()), ..VolumeCreateRequest::default() };
        let created = self.core.client.quick.create_volume(request).await;
        created.map(|volume| volume.name).map_err(|error| EngineError::of("create a volume", error))
    }

    async fn create_container(
        &self,
        image: &ImageId,
        network: Option<String>,
        volume: String,
    ) -> Result<String, EngineError> {
        let spec = ContainerSpec {
            owner: self.owner.clone(),
            image: image.as_str().to_owned(),
            runtime: self.core.config.runtime.clone(),
            network,
            limits: (&self.request.limits).into(),
            role: Role::Build { volume, reach: self.reach() },
        };
        let options =
            CreateContainerOptions { name: Some(self.owner.name()), ..CreateContainerOptions::default() };
        create(&self.core.client, options, &spec).await.map_err(|error| self.why_not_created(error))
    }

    fn why_not_created(&self, error: DockerError) -> EngineError {
        match &self.core.config.runtime {
            Some(runtime) if error.to_string().contains("runtime") => {
                EngineError::RuntimeMissing { runtime: runtime.clone() }
            }
            _ if is_conflict(&error) => EngineError::AlreadyExists { name: self.owner.name() },
            _ => EngineError::of("create the container", error),
        }
    }

    async fn start(&self, container: &str) -> Result<(), EngineError> {
        let started = self.core.client.quick.start_container(container, None).await;
        started.map_err(|error| EngineError::of("start the container", error))
    }

    async fn admit(&self, image: &ImageId, network: Option<String>) -> Result<Option<Admitted>, EngineError> {
        match (self.way, network) {
            (Way::Bounded(bounds), Some(network)) => {
                self.core.egress.admit(image.as_str(), &network, terms(bounds)).await.map(Some)
            }
            _ => Ok(None),
        }
    }
}

fn terms(bounds: &EgressBounds) -> Terms {
    Terms {
        only: bounds.hosts.clone(),
        max_received: Some(bounds.max_received_bytes),
        max_sent: Some(bounds.max_sent_bytes),
    }
}

/// Tells how long a step took; the fixed cost of a build is a promise.
pub(super) async fn timed<T>(step: &'static str, work: impl Future<Output = T>) -> T {
    let began = Instant::now();
    let result = work.await;
    tracing::debug!(step, duration_ms = began.elapsed().as_secs_f64() * 1000.0, "sandbox");
    result
}
