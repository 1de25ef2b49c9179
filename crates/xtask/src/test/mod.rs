//! `cargo xtask test`: every check there is, on real servers, and nothing left behind.

mod browser;
mod compose;
mod counts;
mod leftovers;
mod manifests;
mod properties;
mod report;
mod scratch;

use std::path::PathBuf;
use std::process::ExitCode;

use anyhow::Result;
use clap::{Args, ValueEnum};
use tokio::process::Command;

use crate::cargo::{TEST_FEATURES, cargo};
use crate::chaos::{self, ChaosArgs};
use crate::console::{say, step};
use crate::frontend;
use crate::machine::{self, Consent, Docker, Need};
use crate::process;
use counts::Counts;
use leftovers::Leftovers;
use report::Report;
use scratch::Scratch;

/// How much is tested.
#[derive(Args, Debug)]
pub(crate) struct TestArgs {
    /// Only what needs neither Docker nor installing anything: tests whose server is missing are skipped and counted
    #[arg(long)]
    quick: bool,

    /// Only this step, on what it needs
    #[arg(long, value_enum, conflicts_with = "quick")]
    only: Option<Only>,
}

/// A step that stands alone.
#[derive(Debug, Clone, Copy, ValueEnum)]
enum Only {
    /// The dashboard, in Chromium
    Browser,
    /// A minute of faults
    Chaos,
    /// Kubernetes' manifests and systemd's units are read by those who know them
    Manifests,
    /// `deploy/compose.yaml` is started and used
    Compose,
}

pub(crate) async fn run(args: &TestArgs) -> Result<ExitCode> {
    let mut report = Report::default();
    if args.quick {
        checks(&mut report).await;
        let counts = tests(&mut report, &[], &["--skip", "real_docker", "--show-output"]).await;
        return Ok(report.close(&counts));
    }
    if let Some(only) = args.only {
        return one_step(&mut report, only).await;
    }
    let mut servers = prepare(&mut report).await?;
    let mut leftovers = Leftovers::watch(servers.docker.host()).await?;
    let scratch = Scratch::new()?;
    report.step("dashboard", frontend::check()).await;
    checks(&mut report).await;
    programs(&mut report).await;
    servers.environment.push(("TMPDIR", scratch.path().to_string_lossy().into_owned()));
    let counts = tests(&mut report, &servers.environment, &[]).await;
    report.step("API against its document", properties::run()).await;
    report.step("dashboard in Chromium", browser::run(&servers.environment)).await;
    report.step("manifests and units", manifests::run()).await;
    report.step("compose", compose::run(&servers.machine())).await;
    report.step("a minute of chaos", chaos(&servers.docker)).await;
    report.step("nothing left in Docker", leftovers.ensure_none()).await;
    report.step("nothing left on the disk", async { scratch.ensure_empty() }).await;
    Ok(report.close(&counts))
}

struct Servers {
    docker: Docker,
    weed: PathBuf,
    environment: Vec<(&'static str, String)>,
}

impl Servers {
    fn machine(&self) -> compose::Machine<'_> {
        compose::Machine { docker: &self.docker, weed: &self.weed, environment: &self.environment }
    }
}

async fn one_step(report: &mut Report, only: Only) -> Result<ExitCode> {
    match only {
        Only::Browser => {
            let servers = prepare_built(report).await?;
            report.required("dashboard in Chromium", browser::run(&servers.environment)).await?;
        }
        Only::Chaos => {
            let servers = prepare_built(report).await?;
            report.required("a minute of chaos", chaos(&servers.docker)).await?;
        }
        Only::Manifests => report.required("manifests and units", manifests::run()).await?,
        Only::Compose => {
            let servers = prepare_built(report).await?;
            report.required("compose", compose::run(&servers.machine())).await?;
        }
    }
    Ok(ExitCode::SUCCESS)
}

/// With the programs, which carry the dashboard.
async fn prepare_built(report: &mut Report) -> Result<Servers> {
    let servers = prepare(report).await?;
    report.required("dashboard", frontend::ensure_built()).await?;
    programs(report).await;
    Ok(servers)
}

/// Without these there is nothing to test on, so an error here ends the run.
async fn prepare(report: &mut Report) -> Result<Servers> {
    let needs = [Need::DOCKER, Need::IMAGE, Need::SOURCE, Need::SERVERS, Need::TESTS, Need::BROWSER];
    report.required("tools", machine::ensure_tools(&needs, Consent::IfHarmless)).await?;
    let weed = report.required("S3 server", machine::ensure_weed()).await?;
    let docker = report.required("Docker", Docker::find_or_start()).await?;
    let whose = if docker.is_borrowed() { "it was running" } else { "started for this run" };
    say(&format!("Docker: {} ({whose})", docker.host()));
    report.required("builder image", machine::ensure_builder_image(&docker)).await?;
    let mut environment = machine::closed_network_settings().await;
    environment.push(("SHIPSTACK_TEST_REQUIRE", "1".to_owned()));
    environment.push(("SHIPSTACK_TEST_WEED", weed.to_string_lossy().into_owned()));
    environment.push(("DOCKER_HOST", docker.host().to_owned()));
    Ok(Servers { docker, weed, environment })
}

async fn checks(report: &mut Report) {
    report.step("format", process::run(&mut cargo(&["fmt", "--all", "--check"]))).await;
    let clippy = [
        "clippy",
        "--workspace",
        "--all-targets",
        "--locked",
        "--features",
        TEST_FEATURES,
        "--",
        "-D",
        "warnings",
    ];
    report.step("clippy", process::run(&mut cargo(&clippy))).await;
    let mut doc = cargo(&["doc", "--workspace", "--no-deps", "--locked", "--quiet"]);
    report.step("rustdoc", process::run(doc.env("RUSTDOCFLAGS", "-D warnings"))).await;
}

/// The end-to-end tests start these as processes. With the tests in one build, so that every dependency is built once.
async fn programs(report: &mut Report) {
    let build = ["build", "--workspace", "--all-targets", "--locked", "--features", TEST_FEATURES];
    report.step("programs", process::run(&mut cargo(&build))).await;
}

/// Another seed every time: what it finds is printed with the seed that finds it again.
async fn chaos(docker: &Docker) -> Result<()> {
    let kept = chaos::once(&ChaosArgs::short(), docker).await?;
    anyhow::ensure!(kept, "promises were broken under chaos");
    Ok(())
}

async fn tests(report: &mut Report, environment: &[(&str, String)], arguments: &[&str]) -> Counts {
    let base = ["test", "--workspace", "--locked", "--no-fail-fast", "--features", TEST_FEATURES, "--"];
    let mut command: Command = cargo(&[&base, arguments].concat());
    command.envs(environment.iter().map(|(name, value)| (name, value)));
    let mut counts = Counts::default();
    step("tests");
    let run = async {
        let status = process::run_lines(&mut command, |line| {
            say(line);
            counts.take(line);
        });
        let status = status.await?;
        anyhow::ensure!(status.success(), "cargo test ended with {status}");
        Ok(())
    };
    report.step("tests", run).await;
    counts
}
