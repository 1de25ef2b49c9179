//! A sandbox: one claim's volume, network and container, from opening to removal.

mod collect;
mod disk;
mod exit;
mod fill;
mod network;
mod open;
mod output;
mod peak;
mod pulse;
mod run;

use crate::config::Way;
use crate::egress::Admitted;
use crate::engine::Core;
use crate::error::{EngineError, is_conflict, is_not_found};
use crate::events::Events;
use crate::guard::Made;
use crate::image::ImageId;
use bollard::query_parameters::KillContainerOptions;
use shipstack_types::{BuildLimits, ClaimNumber, DeploymentId, EgressOptions, PackageManager};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

pub use collect::{Collected, EntryKind};
pub use exit::{ExitClass, RunEnd};
pub use network::Refusals;
use open::timed;
pub use output::OutputLine;
use peak::Peak;
pub use run::Command;

/// The uid and gid of everything a build owns, in the container and in the volume.
pub const BUILD_UID: u32 = 1000;
/// The folder of the volume that holds the source: what [`Sandbox::fill`] gets has its entries under it.
pub const PROJECT_FOLDER: &str = "project";

/// What a sandbox is opened for.
#[derive(Clone, Debug)]
pub struct SandboxRequest {
    /// The deployment.
    pub deployment: DeploymentId,
    /// The claim; there is at most one sandbox for it.
    pub claim: ClaimNumber,
    /// What the build may use.
    pub limits: BuildLimits,
    /// The versions of the tools.
    pub toolchain: Toolchain,
    /// Variables of all commands, from the plan.
    pub env: Vec<(String, String)>,
    /// What of the network is wanted tighter than the engine's configuration has it.
    pub egress: EgressOptions,
}

/// The versions that `PATH` leads to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Toolchain {
    /// Node's major.
    pub node: u32,
    /// The package manager; npm's major follows node's.
    pub package_manager: Option<PackageManager>,
}

/// An open sandbox. Dropping it removes it in the background; [`Sandbox::remove`] does so at once and says how it went.
#[derive(Debug)]
pub struct Sandbox {
    core: Arc<Core>,
    request: SandboxRequest,
    way: Way,
    image: ImageId,
    made: Made,
    container: String,
    admitted: Option<Admitted>,
    has_ca: bool,
    events: Events,
    peak: Peak,
    stopped: AtomicBool,
}

impl Sandbox {
    /// The image it runs; part of the deployment's record.
    pub fn image(&self) -> &ImageId {
        &self.image
    }

    /// Kills everything in it, so that nothing changes any more. Does nothing the second time.
    pub async fn stop(&self) -> Result<(), EngineError> {
        if self.stopped.load(Ordering::Acquire) {
            return Ok(());
        }
        let killed =
            self.core.client.quick.kill_container(&self.container, None::<KillContainerOptions>).await;
        match killed {
            // It ended before, or its last process did just now.
            Err(error) if !is_conflict(&error) => Err(EngineError::of("stop the container", error)),
            _ => {
                self.stopped.store(true, Ordering::Release);
                Ok(())
            }
        }
    }

    /// Removes everything that was made for it, and names what could not be removed.
    /// Goes on when the caller does not wait for it.
    pub async fn remove(mut self) -> Result<(), EngineError> {
        let removing = tokio::spawn(timed("remove", self.take_belongings().remove()));
        let what = || vec![format!("the sandbox of {} (its removal was cut off)", self.request.deployment)];
        removing.await.unwrap_or_else(|_| Err(EngineError::Leaked { what: what() }))
    }

    fn take_belongings(&mut self) -> Belongings {
        Belongings {
            core: Arc::clone(&self.core),
            claim: (self.request.deployment.clone(), self.request.claim),
            made: std::mem::take(&mut self.made),
            admitted: self.admitted.take(),
        }
    }
}

impl Drop for Sandbox {
    fn drop(&mut self) {
        let belongings = self.take_belongings();
        if belongings.made.container.is_none() {
            return;
        }
        // Without a runtime the process is ending; the janitor finds the labels.
        if let Ok(runtime) = tokio::runtime::Handle::try_current() {
            runtime.spawn(async move {
                if let Err(error) = belongings.remove().await {
                    tracing::error!(%error, "a dropped sandbox left something behind");
                }
            });
        }
    }
}

/// What a sandbox leaves to be removed.
struct Belongings {
    core: Arc<Core>,
    claim: (DeploymentId, ClaimNumber),
    made: Made,
    admitted: Option<Admitted>,
}

impl Belongings {
    async fn remove(self) -> Result<(), EngineError> {
        let egress = async {
            if let Some(admitted) = &self.admitted
                && let Err(error) = self.core.egress.dismiss(admitted).await
            {
                tracing::debug!(%error, "the build's account was gone");
            }
        };
        // The proxy leaves the network while the container dies; the network goes after both.
        let container = Made { container: self.made.container.clone(), ..Made::default() };
        let rest = Made { container: None, ..self.made.clone() };
        let ((), container) = tokio::join!(egress, container.remove(&self.core.client));
        let rest = rest.remove(&self.core.client).await;
        self.core.open_claims().remove(&self.claim);
        container.and(rest)
    }
}

/// Whether an error says that the container is no longer there to be asked.
fn is_gone(error: &bollard::errors::Error) -> bool {
    is_not_found(error) || is_conflict(error)
}
