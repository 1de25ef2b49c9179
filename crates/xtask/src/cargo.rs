//! Calling cargo from within cargo.

use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result};
use tokio::process::Command;

use crate::process;

/// Lets tests hold a service at a named step and kill it there, which no released binary can, and export traces.
pub(crate) const TEST_FEATURES: &str = "deploy-worker/failpoints,upload-service/failpoints,shipstack/otlp";

/// The root of the checkout.
pub(crate) fn root() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../..")
}

/// The cargo that runs this, in the root of the checkout.
pub(crate) fn cargo(arguments: &[&str]) -> Command {
    let program = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let mut command = process::command(&program.to_string_lossy(), arguments);
    command.current_dir(root());
    // Set by the cargo that runs us for the package that we are; they would make ours build everything anew.
    for (name, _) in std::env::vars_os().filter(|(name, _)| name.to_string_lossy().starts_with("CARGO_PKG_"))
    {
        command.env_remove(name);
    }
    command
}

/// Where cargo puts the programs it builds: beside this one.
pub(crate) fn program(name: impl AsRef<Path>) -> Result<PathBuf> {
    let own = std::env::current_exe()?;
    Ok(own.parent().context("this program is in no folder")?.join(name))
}
