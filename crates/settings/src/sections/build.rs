//! Docker, and the box that builds run in.

use std::num::{NonZeroU8, NonZeroU32};
use std::path::PathBuf;

use clap::{Args, ValueEnum};
use shipstack_types::{BuildLimits, BuildProfile, EgressBounds, HostAllowList, NetworkAccess};

use crate::values::floor;
use crate::{ByteSize, Cpus, LimitSettings, TimeoutSettings};

/// The Docker engine and what it builds with.
#[derive(Args, Debug, Clone)]
#[command(next_help_heading = "Builds")]
pub struct EngineSettings {
    /// Docker engine to build on: unix://, tcp:// or npipe://; by default the one of this machine
    #[arg(long, env = "DOCKER_HOST", value_parser = floor::docker_host, value_name = "URL")]
    pub docker_host: Option<String>,

    /// Anything but nothing: talk TLS to a tcp:// engine and show it a certificate, as docker does
    #[arg(long, env = "DOCKER_TLS_VERIFY", value_name = "1")]
    pub docker_tls_verify: Option<String>,

    /// Folder of ca.pem, cert.pem and key.pem for TLS with a tcp:// engine [default: ~/.docker]
    #[arg(long, env = "DOCKER_CERT_PATH", value_name = "FOLDER")]
    pub docker_cert_path: Option<PathBuf>,

    /// Builder image; a name in a registry is pulled, without one the embedded Dockerfile is built
    #[arg(long = "build-image", env = "SHIPSTACK_BUILD_IMAGE", value_parser = floor::image, value_name = "IMAGE")]
    pub image: Option<String>,

    /// How many builds run at a time
    #[arg(long = "build-slots", env = "SHIPSTACK_BUILD_SLOTS", default_value = "2", value_name = "N")]
    pub slots: NonZeroU8,

    /// Runtime that the engine knows (runsc, kata); a missing one refuses builds, nothing falls back
    #[arg(long = "build-runtime", env = "SHIPSTACK_BUILD_RUNTIME", value_name = "NAME")]
    pub runtime: Option<String>,

    /// Accepted from the Node system and without effect: no host path reaches Docker any more
    #[arg(long, env = "DOCKER_DESKTOP_WSL", hide = true, value_name = "ANY")]
    pub docker_desktop_wsl: Option<String>,
}

impl EngineSettings {
    /// Where the certificates are that a `tcp://` engine is talked to with; `None` in the clear. Read as docker does: any
    /// `DOCKER_TLS_VERIFY` but an empty one asks for TLS.
    pub fn docker_certificates(&self) -> Option<PathBuf> {
        let folder = || std::env::home_dir().unwrap_or_default().join(".docker");
        let asked = self.docker_tls_verify.as_deref().is_some_and(|value| !value.is_empty());
        asked.then(|| self.docker_cert_path.clone().unwrap_or_else(folder))
    }
}

/// The limits and the network of one build.
#[derive(Args, Debug, Clone)]
#[command(next_help_heading = "Builds")]
pub struct SandboxSettings {
    /// Set of limits a build starts from: classic (512 MiB), standard (2 GiB) or large (8 GiB)
    #[arg(
        long = "build-profile",
        env = "SHIPSTACK_BUILD_PROFILE",
        default_value = "standard",
        value_name = "NAME"
    )]
    pub profile: BuildProfile,

    /// Memory of a build, swap included, instead of the profile's
    #[arg(long = "build-memory", env = "SHIPSTACK_BUILD_MEMORY", value_parser = floor::build_memory, value_name = "SIZE")]
    pub memory: Option<ByteSize>,

    /// Processors of a build instead of the profile's, such as 0.5
    #[arg(long = "build-cpus", env = "SHIPSTACK_BUILD_CPUS", value_name = "N")]
    pub cpus: Option<Cpus>,

    /// Processes and threads of a build instead of the profile's
    #[arg(long = "build-pids", env = "SHIPSTACK_BUILD_PIDS", value_name = "N")]
    pub pids: Option<NonZeroU32>,

    /// Size of a build's workspace instead of the profile's
    #[arg(long = "build-disk", env = "SHIPSTACK_BUILD_DISK", value_parser = floor::build_disk, value_name = "SIZE")]
    pub disk: Option<ByteSize>,

    /// What builds reach at most: public addresses through the egress proxy, the same until the install has ended,
    /// nothing, or everything that the engine's bridge reaches. A deployment can only tighten it
    #[arg(
        long = "build-network",
        env = "SHIPSTACK_BUILD_NETWORK",
        default_value = "open",
        value_name = "POLICY"
    )]
    pub network: NetworkPolicy,

    /// Hosts, as host or host:port separated by commas, that builds reach although they resolve to addresses that are not public
    #[arg(long, env = "SHIPSTACK_EGRESS_ALLOW_PRIVATE_HOSTS", default_value = "", value_name = "HOSTS")]
    pub egress_allow_private_hosts: HostAllowList,

    /// The only hosts, as host or host:port separated by commas, that builds reach; without it all public ones
    #[arg(long, env = "SHIPSTACK_EGRESS_HOSTS", default_value = "", value_name = "HOSTS")]
    pub egress_hosts: HostAllowList,

    /// How much one build may receive from the network
    #[arg(long, env = "SHIPSTACK_EGRESS_MAX_RECEIVED", default_value = "10GiB", value_name = "SIZE")]
    pub egress_max_received: ByteSize,

    /// How much one build may send to the network
    #[arg(long, env = "SHIPSTACK_EGRESS_MAX_SENT", default_value = "1GiB", value_name = "SIZE")]
    pub egress_max_sent: ByteSize,

    /// Bundle of CA certificates that builds trust besides the image's
    #[arg(long = "build-ca-file", env = "SHIPSTACK_BUILD_CA_FILE", value_parser = floor::certificates, value_name = "FILE")]
    pub ca_file: Option<PathBuf>,

    /// Package-registry mirror for npm, pnpm, yarn and bun
    #[arg(long = "build-registry", env = "SHIPSTACK_BUILD_REGISTRY", value_name = "URL")]
    pub registry: Option<String>,
}

impl SandboxSettings {
    /// What one build may do on the network at most.
    pub fn egress(&self) -> EgressBounds {
        EgressBounds {
            network: self.network.access(),
            hosts: None,
            max_received_bytes: self.egress_max_received.get(),
            max_sent_bytes: self.egress_max_sent.get(),
        }
    }

    /// The limits of one build: the profile's, with what the operator set instead.
    pub fn limits(&self, timeouts: &TimeoutSettings, limits: &LimitSettings) -> BuildLimits {
        let profile = BuildLimits::of(self.profile);
        BuildLimits {
            memory_bytes: self.memory.map_or(profile.memory_bytes, ByteSize::get),
            cpu_millis: self.cpus.map_or(profile.cpu_millis, Cpus::millis),
            pids: self.pids.map_or(profile.pids, |pids| u64::from(pids.get())),
            disk_bytes: self.disk.map_or(profile.disk_bytes, ByteSize::get),
            timeout: timeouts.build.get(),
            silence: timeouts.silence.get(),
            log_bytes: limits.build_log_max.get(),
        }
    }
}

/// What a build's network reaches.
#[derive(ValueEnum, Debug, Clone, Copy, PartialEq, Eq)]
pub enum NetworkPolicy {
    /// Public addresses only, through the egress proxy.
    #[value(alias = "egress")]
    Open,
    /// The same, until the install has ended.
    InstallOnly,
    /// Nothing but itself.
    None,
    /// Whatever the engine's default bridge reaches; the host included.
    Bridge,
}

impl NetworkPolicy {
    /// When a build has a network that knows bounds.
    pub fn access(self) -> NetworkAccess {
        match self {
            Self::Open | Self::Bridge => NetworkAccess::Open,
            Self::InstallOnly => NetworkAccess::InstallOnly,
            Self::None => NetworkAccess::None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::from_pairs;

    fn limits(pairs: &[(&str, &str)]) -> BuildLimits {
        let sandbox: SandboxSettings = from_pairs(pairs).unwrap();
        sandbox.limits(&from_pairs(pairs).unwrap(), &from_pairs(pairs).unwrap())
    }

    #[test]
    fn without_settings_a_build_has_its_profiles_limits() {
        assert_eq!(limits(&[]), BuildLimits::of(BuildProfile::Standard));
        let classic = limits(&[("SHIPSTACK_BUILD_PROFILE", "classic")]);
        assert_eq!(classic, BuildLimits::of(BuildProfile::Classic));
    }

    #[test]
    fn the_networks_bounds_are_those_of_the_types_until_the_operator_sets_them() {
        let egress = |pairs| from_pairs::<SandboxSettings>(pairs).unwrap().egress();
        assert_eq!(egress(&[]), EgressBounds::default());
        assert_eq!(
            egress(&[("SHIPSTACK_BUILD_NETWORK", "egress")]),
            EgressBounds::default(),
            "its name before"
        );
        let set = egress(&[
            ("SHIPSTACK_BUILD_NETWORK", "install-only"),
            ("SHIPSTACK_EGRESS_MAX_RECEIVED", "2GiB"),
            ("SHIPSTACK_EGRESS_MAX_SENT", "1MiB"),
        ]);
        assert_eq!((set.network, set.max_received_bytes), (NetworkAccess::InstallOnly, 2 << 30));
        assert_eq!(set.max_sent_bytes, 1 << 20);
    }

    #[test]
    fn single_limits_replace_the_profiles() {
        let limits = limits(&[
            ("SHIPSTACK_BUILD_MEMORY", "3GiB"),
            ("SHIPSTACK_BUILD_CPUS", "1.5"),
            ("SHIPSTACK_BUILD_PIDS", "99"),
            ("SHIPSTACK_BUILD_DISK", "1GiB"),
            ("SHIPSTACK_BUILD_TIMEOUT", "1m"),
        ]);
        assert_eq!((limits.memory_bytes, limits.cpu_millis, limits.pids), (3 << 30, 1_500, 99));
        assert_eq!((limits.disk_bytes, limits.timeout.as_secs()), (1 << 30, 60));
    }
}
