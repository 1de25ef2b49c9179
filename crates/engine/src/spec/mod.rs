//! The one way to a container: a spec that cannot be anything but hardened, and its one mapping to the engine.
//!
//! Every control of build.md §2 is set here and nowhere else; a test inspects a live container for each of them.

mod host;
mod seccomp;

use crate::client::Client;
use crate::labels::Owner;
use crate::network::Reach;
use crate::sandbox::BUILD_UID;
use bollard::models::{ContainerCreateBody, HealthConfig};
use bollard::query_parameters::CreateContainerOptions;
use shipstack_types::BuildLimits;

pub(crate) use host::WORKSPACE;

/// Nobody: what holds a build's container open is not the build's to signal. As its own user, a `kill -9 -1` in a build
/// would end the container, and look like an end from outside.
const IDLE_UID: u32 = 65534;

/// A container before it exists.
#[derive(Debug)]
pub(crate) struct ContainerSpec {
    pub(crate) owner: Owner,
    /// Image id, so that what runs is what was checked.
    pub(crate) image: String,
    /// `None` is the engine's own runtime.
    pub(crate) runtime: Option<String>,
    /// Network by name or id; `None` is no network.
    pub(crate) network: Option<String>,
    pub(crate) limits: ContainerLimits,
    pub(crate) role: Role,
}

/// What a container is for; everything else about it is the same.
#[derive(Debug)]
pub(crate) enum Role {
    /// Runs a build: idles as nobody, its work comes as execs of the build's user. Its disk is a volume.
    Build {
        /// Name of the volume.
        volume: String,
        /// What its network reaches: names resolve only outside.
        reach: Reach,
    },
    /// Is the egress proxy: reads orders from its standard input and ends, and is removed, with it.
    Egress {
        /// Arguments of the proxy.
        arguments: Vec<String>,
    },
}

/// What a container may use.
#[derive(Clone, Debug)]
pub(crate) struct ContainerLimits {
    pub(crate) memory_bytes: u64,
    pub(crate) cpu_millis: u64,
    pub(crate) pids: u64,
}

impl ContainerLimits {
    /// A proxy copies bytes: 512 connections of two 16 KiB buffers and their sockets fit well.
    pub(crate) const EGRESS: Self = Self { memory_bytes: 256 << 20, cpu_millis: 1000, pids: 64 };
}

impl From<&BuildLimits> for ContainerLimits {
    fn from(limits: &BuildLimits) -> Self {
        Self { memory_bytes: limits.memory_bytes, cpu_millis: limits.cpu_millis, pids: limits.pids }
    }
}

impl ContainerSpec {
    /// The body of the create call.
    pub(crate) fn create_body(&self) -> ContainerCreateBody {
        let attached = matches!(self.role, Role::Egress { .. });
        ContainerCreateBody {
            image: Some(self.image.clone()),
            hostname: Some("build".to_owned()),
            user: Some(self.user()),
            working_dir: Some("/".to_owned()),
            entrypoint: Some(Vec::new()),
            cmd: Some(self.command()),
            env: Some(Vec::new()),
            labels: Some(self.owner.labels()),
            healthcheck: Some(HealthConfig {
                test: Some(vec!["NONE".to_owned()]),
                ..HealthConfig::default()
            }),
            attach_stdin: Some(attached),
            open_stdin: Some(attached),
            stdin_once: Some(attached),
            tty: Some(false),
            host_config: Some(host::host_config(self)),
            ..ContainerCreateBody::default()
        }
    }

    fn user(&self) -> String {
        let uid = match self.role {
            Role::Build { .. } => IDLE_UID,
            Role::Egress { .. } => BUILD_UID,
        };
        format!("{uid}:{uid}")
    }

    fn command(&self) -> Vec<String> {
        match &self.role {
            Role::Build { .. } => vec!["/bin/sleep".to_owned(), "infinity".to_owned()],
            Role::Egress { arguments } => {
                let program = "/usr/local/bin/shipstack-egress".to_owned();
                std::iter::once(program).chain(arguments.iter().cloned()).collect()
            }
        }
    }
}

/// The only call that creates a container.
#[expect(clippy::disallowed_methods, reason = "a spec is hardened; this is the one place the ban points to")]
pub(crate) async fn create(
    client: &Client,
    options: CreateContainerOptions,
    spec: &ContainerSpec,
) -> Result<String, bollard::errors::Error> {
    let created = client.quick.create_container(Some(options), spec.create_body()).await?;
    for warning in created.warnings {
        tracing::debug!(container = %created.id, warning, "the engine warns");
    }
    Ok(created.id)
}
