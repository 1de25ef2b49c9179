//! The image that builds run in, made without a registry.

use anyhow::{Context as _, Result};

use super::Docker;
use crate::{cargo, process};

/// What it is called.
pub(crate) const BUILDER_IMAGE: &str = "shipstack/builder:dev";

/// Makes the builder image, or sees that it is the current one (about a second).
pub(crate) async fn ensure_builder_image(docker: &Docker) -> Result<()> {
    let script = cargo::root().join("deploy/builder/make.sh");
    let mut command = process::command("sh", &[&script.to_string_lossy()]);
    process::run(command.env("DOCKER_HOST", docker.host()))
        .await
        .context("the builder image could not be made")
}
