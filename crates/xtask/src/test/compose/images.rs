//! Images without a registry: the services by the script that operators use, the three servers from this machine's
//! programs, all laid on the builder image that is there anyway.

use std::fs;
use std::path::Path;
use std::process::Command;

use anyhow::{Context as _, Result};

use super::Machine;
use crate::cargo::{program, root};
use crate::machine::BUILDER_IMAGE;
use crate::process;

/// Debian and git, as the services' images need them.
const BASE: &str = BUILDER_IMAGE;
const SERVICES: [&str; 3] = ["upload-service", "deploy-worker", "request-service"];
/// Programs of this machine that are linked to libraries; wget is what health checks call.
const LINKED: [&str; 3] = ["redis-server", "redis-cli", "wget"];
/// Part of the base, which is no older than what was built here.
const OF_THE_BASE: [&str; 3] = ["ld-linux", "libc.so", "libm.so"];
/// User 999 is Redis in the official image as well, and owns the folder of its data.
const DOCKERFILE: &str = "ARG BASE
FROM ${BASE}
USER root
COPY bin /opt/servers/bin
COPY lib /opt/servers/lib
ENV LD_LIBRARY_PATH=/opt/servers/lib PATH=/opt/servers/bin:/usr/bin:/bin
RUN install -d -o 999 -g 999 /data
";

/// The images of one run; removed when dropped.
pub(super) struct Images {
    host: String,
    /// The tag of all of them.
    pub(super) version: String,
}

impl Images {
    pub(super) async fn make(machine: &Machine<'_>, caddy: &Path) -> Result<Self> {
        let version = format!("test-{}", std::process::id());
        let images = Self { host: machine.docker.host().to_owned(), version };
        images.services().await?;
        images.servers(&[machine.weed, caddy]).await?;
        Ok(images)
    }

    /// The image with Redis, the S3 store and Caddy.
    pub(super) fn servers_tag(&self) -> String {
        format!("shipstack/servers:{}", self.version)
    }

    async fn services(&self) -> Result<()> {
        let script = root().join("deploy/docker/build.sh");
        let programs = program("")?;
        let mut command = process::command("sh", &[&script.to_string_lossy(), &programs.to_string_lossy()]);
        command.env("BASE", BASE).env("VERSION", &self.version).env("DOCKER_HOST", &self.host);
        process::run(&mut command).await
    }

    async fn servers(&self, alone: &[&Path]) -> Result<()> {
        let context = tempfile::tempdir()?;
        let folder = context.path();
        ["bin", "lib"].iter().try_for_each(|name| fs::create_dir(folder.join(name)))?;
        fs::write(folder.join("Dockerfile"), DOCKERFILE)?;
        for path in alone {
            copy_into(path, &folder.join("bin"))?;
        }
        for name in LINKED {
            let path = process::output(&mut process::command("which", &[name])).await?;
            copy_into(Path::new(path.trim()), &folder.join("bin"))?;
            copy_libraries(path.trim(), &folder.join("lib")).await?;
        }
        let base = format!("BASE={BASE}");
        let tag = self.servers_tag();
        let arguments = ["build", "--quiet", "--tag", &tag, "--build-arg", &base, &folder.to_string_lossy()];
        process::run(process::command("docker", &arguments).env("DOCKER_HOST", &self.host)).await
    }
}

impl Drop for Images {
    fn drop(&mut self) {
        let services = SERVICES.map(|name| format!("shipstack/{name}:{}", self.version));
        for tag in services.into_iter().chain([self.servers_tag()]) {
            // One that was never made is no trouble.
            let _removed = Command::new("docker").args(["rmi", &tag]).env("DOCKER_HOST", &self.host).output();
        }
    }
}

fn copy_into(file: &Path, folder: &Path) -> Result<()> {
    let name = file.file_name().context("a program without a name")?;
    fs::copy(file, folder.join(name)).with_context(|| file.display().to_string())?;
    Ok(())
}

async fn copy_libraries(program: &str, folder: &Path) -> Result<()> {
    let listed = process::output(&mut process::command("ldd", &[program])).await?;
    let paths = listed.split_whitespace().filter(|word| word.starts_with('/')).map(Path::new);
    for path in paths {
        let name = path.file_name().unwrap_or_default().to_string_lossy();
        if !OF_THE_BASE.iter().any(|part| name.starts_with(part)) {
            copy_into(path, folder)?;
        }
    }
    Ok(())
}
