//! The platform's own time per deployment, from `POST` to the visible end, without install and build; and where it
//! goes. The rival is what a person would type: `docker run` of the same image with the source on its standard input
//! and the output on its standard output, less the same build inside.

use std::process::Stdio;
use std::time::Instant;

use anyhow::{Context as _, Result, ensure};
use serde_json::Value;
use tokio::io::AsyncWriteExt as _;
use tokio::process::Command;

use super::figure::{Figure, Print};
use super::platform::{Platform, fixture, tar_of};

/// What is the project's and not ours.
const PROJECT: [&str; 2] = ["installing", "building"];
const PHASES: [&str; 5] = ["queued", "preparing", "collecting", "storing", "publishing"];
/// Prints the output as a tar, and on standard error how many milliseconds the build took.
const BY_HAND: &str = "mkdir -p /tmp/work && cd /tmp/work && tar -x && start=$(date +%s%3N) && \
    node build.mjs >&2 && echo took $(($(date +%s%3N) - start)) >&2 && tar -c dist";

pub(crate) async fn measure(print: Print, runs: usize) -> Result<()> {
    let archive = tar_of(&fixture("plain")).await?;
    let platform = Platform::start(&[]).await?;
    let measured = samples(&platform, &archive, runs).await;
    platform.stop().await?;
    for figure in measured? {
        figure.print(print);
    }
    Ok(())
}

async fn samples(platform: &Platform, archive: &[u8], runs: usize) -> Result<Vec<Figure<'static>>> {
    let mut total = Figure { name: "overhead", ours: Vec::new(), rival: Vec::new() };
    let mut phases = PHASES.map(|name| Figure { name, ours: Vec::new(), rival: Vec::new() });
    // The first one starts the proxy and fills caches, for both.
    platform.deploy(archive.to_vec()).await?;
    by_hand(platform, archive).await?;
    for _ in 0..runs {
        let began = Instant::now();
        let deployment = platform.deploy(archive.to_vec()).await?;
        let whole = began.elapsed().as_secs_f64();
        total.ours.push(whole - PROJECT.iter().map(|phase| seconds_in(&deployment, phase)).sum::<f64>());
        for figure in &mut phases {
            figure.ours.push(seconds_in(&deployment, figure.name));
        }
        total.rival.push(by_hand(platform, archive).await?);
    }
    Ok(std::iter::once(total).chain(phases).collect())
}

/// How long a deployment was in a phase, over all attempts.
pub(super) fn seconds_in(deployment: &Value, phase: &str) -> f64 {
    let phases = deployment.get("phases").and_then(Value::as_array);
    let of_phase = |timing: &&Value| timing.get("phase").and_then(Value::as_str) == Some(phase);
    phases.into_iter().flatten().filter(of_phase).filter_map(duration).sum()
}

fn duration(timing: &Value) -> Option<f64> {
    let time = |name: &str| timing.get(name).and_then(|at| serde_json::from_value(at.clone()).ok());
    let (began, ended): (shipstack_types::Timestamp, shipstack_types::Timestamp) =
        (time("startedAt")?, time("endedAt")?);
    Some(ended.since(began).as_secs_f64())
}

/// Seconds that `docker run` takes beside the build.
async fn by_hand(platform: &Platform, archive: &[u8]) -> Result<f64> {
    let began = Instant::now();
    let mut docker = Command::new("docker");
    docker.args(["--host", platform.docker.host(), "run", "--rm", "--interactive", "--network", "none"]);
    docker.args(["--entrypoint", "/bin/sh", crate::machine::BUILDER_IMAGE, "-c", BY_HAND]);
    let mut child = docker.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn()?;
    let mut stdin = child.stdin.take().context("no standard input")?;
    stdin.write_all(archive).await?;
    drop(stdin);
    let output = child.wait_with_output().await?;
    let said = String::from_utf8_lossy(&output.stderr);
    ensure!(output.status.success(), "docker run failed: {said}");
    let took =
        said.lines().find_map(|line| line.strip_prefix("took ")).context("the build did not say its time")?;
    Ok(began.elapsed().as_secs_f64() - took.parse::<f64>()? / 1000.0)
}
