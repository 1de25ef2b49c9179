//! What a person should know about an engine: the checks of `doctor` and of the worker's start.

use crate::engine::Core;
use crate::image;
use bollard::models::{SystemInfo, SystemVersion};
use shipstack_types::Check;

/// The oldest runc with the fixes of November 2025 (CVE-2025-31133, -52565, -52881).
const RUNC: (u32, u32, u32) = (1, 2, 8);
/// Internal networks forward no names from here on.
const ENGINE: (u32, u32, u32) = (28, 0, 0);

pub(crate) async fn all(core: &Core) -> Vec<Check> {
    let docker = &core.client.quick;
    let (info, version) = match (docker.info().await, docker.version().await) {
        (Ok(info), Ok(version)) => (info, version),
        (Err(error), _) | (_, Err(error)) => {
            return vec![Check::broken(
                "engine",
                error.to_string(),
                "Start Docker, or set DOCKER_HOST to an engine.",
            )];
        }
    };
    let runtime = core.config.runtime.as_deref();
    let mut checks =
        vec![engine(&version), runc(&version), isolation(&info, runtime), limits(&info), seccomp(&info)];
    checks.push(builder_image(core).await);
    checks
}

fn engine(version: &SystemVersion) -> Check {
    let found = version.version.clone().unwrap_or_default();
    let detail = format!("Docker {found}, kernel {}", version.kernel_version.as_deref().unwrap_or("unknown"));
    if parse(&found).is_some_and(|found| found >= ENGINE) {
        return Check::ok("engine", detail);
    }
    Check::advice("engine", detail, "It works; Docker 28 or newer is recommended.")
}

fn runc(version: &SystemVersion) -> Check {
    let components = version.components.iter().flatten();
    let found =
        components.filter(|component| component.name == "runc").map(|runc| runc.version.clone()).next();
    let Some(found) = found else { return Check::ok("runc", "not named by the engine") };
    if parse(&found).is_some_and(|found| found >= RUNC && found != (1, 3, 0)) {
        return Check::ok("runc", found);
    }
    Check::advice("runc", found, "Use runc 1.2.8, 1.3.3 or newer, or a distribution's patched older one.")
}

fn isolation(info: &SystemInfo, runtime: Option<&str>) -> Check {
    let Some(runtime) = runtime else {
        return Check::ok(
            "isolation",
            format!("namespaces and seccomp ({})", info.default_runtime.as_deref().unwrap_or("runc")),
        );
    };
    if info.runtimes.iter().flatten().any(|(known, _)| known == runtime) {
        return Check::ok("isolation", format!("runtime {runtime}"));
    }
    Check::broken(
        "isolation",
        format!("the engine does not know the runtime {runtime}"),
        "Install it and name it in the engine's daemon.json, or unset SHIPSTACK_BUILD_RUNTIME.",
    )
}

fn limits(info: &SystemInfo) -> Check {
    let wanted = [
        ("memory", info.memory_limit),
        ("swap", info.swap_limit),
        ("pids", info.pids_limit),
        ("cpu", info.cpu_cfs_quota),
    ];
    let missing: Vec<&str> =
        wanted.iter().filter(|(_, there)| *there == Some(false)).map(|(name, _)| *name).collect();
    if missing.is_empty() {
        return Check::ok("limits", "memory, swap, pids and cpu can be limited");
    }
    let detail = format!("cannot be limited: {}", missing.join(", "));
    Check::broken("limits", detail, "Enable these cgroup controllers in the kernel.")
}

fn seccomp(info: &SystemInfo) -> Check {
    if info.security_options.iter().flatten().any(|option| option.starts_with("name=seccomp")) {
        return Check::ok("seccomp", "system calls are filtered");
    }
    Check::broken("seccomp", "the engine cannot filter system calls", "Use a kernel and a runc with seccomp.")
}

async fn builder_image(core: &Core) -> Check {
    let name = core.config.image.as_deref().unwrap_or(image::DEFAULT_IMAGE);
    match image::find(&core.client, name).await {
        Ok(Some(found)) => Check::ok("image", format!("{name} {}", found.id)),
        Ok(None) => Check::advice(
            "image",
            format!("{name} is not there"),
            "It is pulled or built at the first build; `shipstack builder make` makes it without a registry.",
        ),
        Err(error) => Check::broken("image", error.to_string(), "See the engine's log."),
    }
}

/// The first three numbers of a version, whatever follows them (`20.10.24+dfsg1`).
fn parse(version: &str) -> Option<(u32, u32, u32)> {
    let mut numbers = version.split(|c: char| !c.is_ascii_digit()).map(|digits| digits.parse().ok());
    Some((numbers.next()??, numbers.next()??, numbers.next().flatten().unwrap_or(0)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn versions_are_compared_as_numbers() {
        assert_eq!(parse("20.10.24+dfsg1"), Some((20, 10, 24)));
        assert_eq!(parse("1.1.5+ds1"), Some((1, 1, 5)));
        assert!(parse("1.10.0") > parse("1.9.9"));
        assert_eq!(parse("unknown"), None);
    }
}
