//! Programs that have to be there, and installing them where that is allowed.

use std::path::Path;

use anyhow::{Result, bail};

use crate::console::say;
use crate::process;

/// Something a task needs on the machine.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Need {
    /// How it is seen to be there.
    sign: Sign,
    /// Debian's package with it.
    package: &'static str,
    /// What it is for.
    purpose: &'static str,
}

#[derive(Debug, Clone, Copy)]
enum Sign {
    Program(&'static str),
    PythonModule(&'static str),
}

impl Need {
    pub(crate) const DOCKER: &[Self] = &[
        Self::program("dockerd", "docker.io", "builds run in Docker"),
        Self::program("docker", "docker.io", "the builder image is made with it"),
        Self::program("iptables", "iptables", "Docker's networks"),
    ];
    pub(crate) const IMAGE: &[Self] = &[
        Self::program("debootstrap", "debootstrap", "the builder image without a registry"),
        Self::program("npm", "npm", "the tools in the builder image"),
        Self::program("strip", "binutils", "a small proxy in the builder image"),
    ];
    pub(crate) const SOURCE: &[Self] = &[Self::program("git", "git", "fetching sources")];
    pub(crate) const SERVERS: &[Self] = &[
        Self::program("redis-server", "redis-server", "the queue"),
        Self::program("curl", "curl", "looking into the object store"),
        Self {
            sign: Sign::PythonModule("ensurepip"),
            package: "python3-venv",
            purpose: "the S3 server comes from pip",
        },
    ];
    pub(crate) const TESTS: &[Self] = &[
        Self::program("ip", "iproute2", "an address of the tests' own"),
        Self::program("docker-compose", "docker-compose", "starting deploy/compose.yaml"),
        Self::program("wget", "wget", "health checks in the containers that it starts"),
    ];
    pub(crate) const RIVALS: &[Self] = &[
        Self::program("nginx", "nginx-light", "what serving is compared with"),
        Self::program("wrk", "wrk", "visitors by the thousand"),
    ];
    pub(crate) const BROWSER: &[Self] = &[Self::program("chromium", "chromium", "the dashboard's tests")];

    const fn program(program: &'static str, package: &'static str, purpose: &'static str) -> Self {
        Self { sign: Sign::Program(program), package, purpose }
    }

    async fn is_met(&self) -> bool {
        match self.sign {
            Sign::Program(program) => in_path(program),
            Sign::PythonModule(module) => {
                let mut python = process::command("python3", &["-c", &format!("import {module}, venv")]);
                process::output(&mut python).await.is_ok()
            }
        }
    }
}

fn in_path(program: &str) -> bool {
    let path = std::env::var_os("PATH").unwrap_or_default();
    // Not in every user's PATH, and still where Debian puts servers.
    let more = ["/usr/sbin", "/sbin"].map(Into::into);
    std::env::split_paths(&path).chain(more).any(|folder| folder.join(program).is_file())
}

/// Whether packages may be installed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Consent {
    /// The person said so.
    Given,
    /// Nobody said so: only as root on Debian in a container or in CI, where nobody else's machine is changed.
    IfHarmless,
}

impl Consent {
    pub(crate) fn from_flag(install: bool) -> Self {
        if install { Self::Given } else { Self::IfHarmless }
    }

    fn covers_installing(self) -> bool {
        let root = rustix::process::geteuid().is_root();
        let debian = Path::new("/etc/debian_version").exists();
        root && debian && (self == Self::Given || in_container() || is_set("CI"))
    }
}

fn in_container() -> bool {
    Path::new("/.dockerenv").exists() || Path::new("/run/.containerenv").exists() || is_set("container")
}

fn is_set(name: &str) -> bool {
    std::env::var_os(name).is_some_and(|value| !value.is_empty() && value != "false")
}

/// Sees to it that everything needed is there; says what is missing, and installs it where that is allowed.
pub(crate) async fn ensure_tools(needs: &[&[Need]], consent: Consent) -> Result<()> {
    let mut packages: Vec<&str> = Vec::new();
    for need in needs.iter().copied().flatten() {
        if !need.is_met().await && !packages.contains(&need.package) {
            say(&format!("missing: {} ({})", need.package, need.purpose));
            packages.push(need.package);
        }
    }
    if packages.is_empty() {
        return Ok(());
    }
    if !consent.covers_installing() {
        let list = packages.join(" ");
        bail!(
            "install what is missing, on Debian with: sudo apt-get install --no-install-recommends {list}\nor let this do it, as root: cargo xtask up --install"
        )
    }
    install(&packages).await
}

async fn install(packages: &[&str]) -> Result<()> {
    say(&format!("installing {}", packages.join(" ")));
    let apt = |arguments: &[&str]| {
        let mut command = process::command("apt-get", arguments);
        command.env("DEBIAN_FRONTEND", "noninteractive");
        command
    };
    process::run(&mut apt(&["-qq", "update"])).await?;
    let arguments = [&["-qq", "install", "-y", "--no-install-recommends"], packages].concat();
    process::run(&mut apt(&arguments)).await
}
