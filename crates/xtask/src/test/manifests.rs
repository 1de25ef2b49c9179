//! What is run elsewhere and can be checked here without running it: Kubernetes' manifests, systemd's units, Caddyfiles.

use std::fs;
use std::path::Path;

use anyhow::{Context as _, Result, ensure};

use crate::cargo::root;
use crate::console::say;
use crate::machine;
use crate::process;

/// systemd's figure for what a unit leaves open, of 100; ours have 15 and 16.
const EXPOSURE: &str = "--threshold=20";

/// Checks all of them.
pub(super) async fn run() -> Result<()> {
    kubernetes().await?;
    caddyfiles().await?;
    units().await
}

async fn kubernetes() -> Result<()> {
    let python = machine::ensure_kubernetes_validate().await?;
    let script = root().join("deploy/kubernetes/check.py");
    process::run(&mut process::command(&python.to_string_lossy(), &[&script.to_string_lossy()])).await
}

async fn caddyfiles() -> Result<()> {
    let caddy = machine::ensure_caddy().await?;
    for file in ["deploy/compose/Caddyfile", "deploy/systemd/Caddyfile"] {
        let path = root().join(file);
        let arguments = ["validate", "--adapter", "caddyfile", "--config", &path.to_string_lossy()];
        let mut command = process::command(&caddy.to_string_lossy(), &arguments);
        process::output(command.env("SHIPSTACK_API_HOST", "api.example.com")).await?;
    }
    say("the Caddyfiles are valid");
    Ok(())
}

/// systemd itself reads them. Where it is not there they are left out, and said so.
async fn units() -> Result<()> {
    if process::output(&mut process::command("systemd-analyze", &["--version"])).await.is_err() {
        say("systemd-analyze is not there: the units are not checked");
        return Ok(());
    }
    let scratch = tempfile::tempdir()?;
    for entry in fs::read_dir(root().join("deploy/systemd"))? {
        let path = entry?.path();
        if path.extension().is_some_and(|extension| extension == "service") {
            unit(&path, scratch.path()).await?;
        }
    }
    Ok(())
}

async fn unit(path: &Path, scratch: &Path) -> Result<()> {
    let name = path.file_name().context("a unit without a name")?;
    let copy = scratch.join(name);
    // The program is not installed here, and a unit whose program is missing is refused.
    let text = fs::read_to_string(path)?.replace("ExecStart=/usr/local/bin/", "ExecStart=/bin/true ");
    fs::write(&copy, text)?;
    let copy = copy.to_string_lossy();
    let verify = process::command("systemd-analyze", &["verify", "--man=no", &copy]).output().await?;
    let complaint = String::from_utf8_lossy(&verify.stderr);
    let ours: Vec<&str> = complaint.lines().filter(|line| line.contains(&*name.to_string_lossy())).collect();
    ensure!(ours.is_empty(), "{}", ours.join("\n"));
    let arguments = ["security", "--offline=yes", EXPOSURE, &copy];
    let judged = process::output(&mut process::command("systemd-analyze", &arguments)).await?;
    say(judged.lines().last().unwrap_or_default());
    Ok(())
}
