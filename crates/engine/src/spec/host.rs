//! The mapping of a spec to the engine's host configuration.

use super::seccomp::PROFILE;
use super::{ContainerSpec, Role};
use crate::network::Reach;
use bollard::models::{
    HostConfig, HostConfigCgroupnsModeEnum, HostConfigLogConfig, Mount, MountType, MountVolumeOptions,
    ResourcesUlimits, RestartPolicy, RestartPolicyNameEnum,
};
use std::collections::HashMap;

/// Where the volume is mounted: the only writable disk.
pub(crate) const WORKSPACE: &str = "/workspace";

/// Shares count against 1,024 of everything else on the host: builds yield to services.
const CPU_SHARES: i64 = 256;
/// CFS period in microseconds, the kernel's default. A quota is used, for `nano_cpus` refuses more CPUs than there are.
const CPU_PERIOD_MICROS: i64 = 100_000;
/// Watchers and bundlers open thousands of files; an engine without `CAP_SYS_RESOURCE` cannot give more than it has,
/// which is seldom less than 20,000.
const MAX_OPEN_FILES: i64 = 16_384;
/// One file: 4 GiB.
const MAX_FILE_BYTES: i64 = 4 << 30;
/// Builds die first when the host runs out of memory.
const OOM_SCORE: i64 = 500;

pub(super) fn host_config(spec: &ContainerSpec) -> HostConfig {
    confined(limited(
        HostConfig {
            mounts: Some(mounts(&spec.role)),
            network_mode: Some(spec.network.clone().unwrap_or_else(|| "none".to_owned())),
            dns: Some(dns(&spec.role)),
            runtime: spec.runtime.clone(),
            sysctls: Some(sysctls(&spec.role)),
            auto_remove: Some(matches!(spec.role, Role::Egress { .. })),
            ..HostConfig::default()
        },
        spec,
    ))
}

/// What is the same for every container.
fn confined(host: HostConfig) -> HostConfig {
    HostConfig {
        readonly_rootfs: Some(true),
        tmpfs: Some(HashMap::from([(
            "/tmp".to_owned(),
            "rw,noexec,nosuid,nodev,size=512m,mode=1777".to_owned(),
        )])),
        cap_drop: Some(vec!["ALL".to_owned()]),
        security_opt: Some(vec!["no-new-privileges".to_owned(), format!("seccomp={PROFILE}")]),
        privileged: Some(false),
        init: Some(true),
        oom_score_adj: Some(OOM_SCORE),
        oom_kill_disable: None,
        ipc_mode: Some("private".to_owned()),
        cgroupns_mode: Some(HostConfigCgroupnsModeEnum::PRIVATE),
        log_config: Some(HostConfigLogConfig { typ: Some("none".to_owned()), config: None }),
        restart_policy: Some(RestartPolicy {
            name: Some(RestartPolicyNameEnum::NO),
            maximum_retry_count: None,
        }),
        ..host
    }
}

fn limited(host: HostConfig, spec: &ContainerSpec) -> HostConfig {
    let memory = signed(spec.limits.memory_bytes);
    HostConfig {
        memory: Some(memory),
        // Memory and swap together: equal means no swap.
        memory_swap: Some(memory),
        cpu_period: Some(CPU_PERIOD_MICROS),
        cpu_quota: Some(signed(spec.limits.cpu_millis) * CPU_PERIOD_MICROS / 1000),
        cpu_shares: Some(CPU_SHARES),
        pids_limit: Some(signed(spec.limits.pids)),
        // No `nproc`: it counts per uid of the host, over all containers.
        ulimits: Some(vec![
            ulimit("core", 0),
            ulimit("nofile", MAX_OPEN_FILES),
            ulimit("fsize", MAX_FILE_BYTES),
        ]),
        ..host
    }
}

fn mounts(role: &Role) -> Vec<Mount> {
    let Role::Build { volume, .. } = role else { return Vec::new() };
    vec![Mount {
        typ: Some(MountType::VOLUME),
        source: Some(volume.clone()),
        target: Some(WORKSPACE.to_owned()),
        // Nothing of the image's folder is copied into it.
        volume_options: Some(MountVolumeOptions { no_copy: Some(true), ..MountVolumeOptions::default() }),
        ..Mount::default()
    }]
}

/// A build has no resolver: before 26 the engine forwarded names even from internal networks, and names carry data. On the
/// operator's bridge there is no proxy that resolves for it: it has the engine's own.
fn dns(role: &Role) -> Vec<String> {
    match role {
        Role::Build { reach: Reach::Internal, .. } => vec!["127.0.0.1".to_owned()],
        Role::Build { reach: Reach::Outside, .. } | Role::Egress { .. } => Vec::new(),
    }
}

/// The proxy stands in the networks of all builds and must never be a router between them.
fn sysctls(role: &Role) -> HashMap<String, String> {
    match role {
        Role::Build { .. } => HashMap::new(),
        Role::Egress { .. } => HashMap::from([("net.ipv4.ip_forward".to_owned(), "0".to_owned())]),
    }
}

fn ulimit(name: &str, value: i64) -> ResourcesUlimits {
    ResourcesUlimits { name: Some(name.to_owned()), soft: Some(value), hard: Some(value) }
}

fn signed(value: u64) -> i64 {
    i64::try_from(value).unwrap_or(i64::MAX)
}
