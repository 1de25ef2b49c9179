//! `cargo xtask chaos`: the platform under load while everything around it breaks, and then every promise looked at.
//!
//! Real Redis, real S3, real Docker, the real programs as processes. The seed lays down all faults beforehand; load
//! stays below capacity, so that a job that is stuck shows; every transition is recorded, since final states alone
//! cannot show that something ended twice. `--controls` takes a net away and has to fail.

mod client;
mod controls;
mod disks;
mod docker;
mod fault;
mod fleet;
mod hits;
mod judge;
mod ledger;
mod load;
mod previous;
mod random;
mod recorder;
mod report;
mod resp;
mod schedule;
mod site;
mod world;

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::process::ExitCode;
use std::sync::Arc;
use std::sync::atomic::Ordering::SeqCst;
use std::time::{Duration, Instant};

use anyhow::{Result, ensure};
use clap::Args;
use tokio::task::JoinSet;

use crate::cargo::{TEST_FEATURES, cargo};
use crate::console::say;
use crate::machine::{self, Consent, Docker, Need};
use crate::process;
use disks::Disks;
use fault::Fault;
use fleet::Everything;
use judge::{Baseline, Measure};
use load::{Load, Rates};
use random::Random;
use report::{Outcome, Print, Told};
use schedule::Blow;
use world::{PROCESSES, Start, Variant, World};

/// How often the next blow, and processes that ended, are looked for.
const LOOK_EVERY: Duration = Duration::from_millis(50);
/// From healing to the last end: a lease, its reaps, a minute until the next reconcile, and a machine that is busy.
const SETTLE: Duration = Duration::from_secs(150);

/// How long, and what.
#[derive(Args, Clone, Debug)]
pub(crate) struct ChaosArgs {
    /// Minutes of faults
    #[arg(long, conflicts_with = "seconds")]
    minutes: Option<u64>,
    /// Seconds of faults
    #[arg(long, default_value_t = 60)]
    seconds: u64,
    /// Lays down what goes wrong when; a new one by default
    #[arg(long)]
    seed: Option<u64>,
    /// Kinds of faults; all but `away` by default
    #[arg(long, value_enum, value_delimiter = ',')]
    faults: Vec<Fault>,
    /// Deployments a second
    #[arg(long, default_value_t = 5.0)]
    rate: f64,
    /// Of them, builds in a container, a minute
    #[arg(long, default_value_t = 4)]
    containers: u32,
    /// Begin with the programs of this revision, and replace them by ours and back, one process after the other
    #[arg(long, value_name = "REVISION")]
    from: Option<String>,
    /// One JSON object
    #[arg(long)]
    json: bool,
    /// Take the nets away, one after the other, and see that each run fails
    #[arg(long)]
    controls: bool,
    /// Take programs and builder image as they were made last
    #[arg(long)]
    as_built: bool,
}

impl ChaosArgs {
    /// What `cargo xtask test` runs.
    pub(crate) fn short() -> Self {
        Self {
            minutes: None,
            // Half a minute of it each server is away in turn.
            seconds: 90,
            seed: None,
            faults: Vec::new(),
            rate: 4.0,
            containers: 4,
            from: None,
            json: false,
            controls: false,
            as_built: true,
        }
    }

    fn lasting(&self) -> Duration {
        self.minutes.map_or(Duration::from_secs(self.seconds), Duration::from_mins)
    }
}

pub(crate) async fn run(args: &ChaosArgs) -> Result<ExitCode> {
    let docker = if args.as_built { Docker::find_or_start().await? } else { prepare().await? };
    if args.controls {
        return controls::run(args.seed, &docker).await;
    }
    once(args, &docker).await.map(|holds| if holds { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

/// What is needed on the machine, and the programs, with what lets a test slow them down.
async fn prepare() -> Result<Docker> {
    let needs = [Need::DOCKER, Need::IMAGE, Need::SOURCE, Need::SERVERS];
    machine::ensure_tools(&needs, Consent::IfHarmless).await?;
    let docker = Docker::find_or_start().await?;
    machine::ensure_builder_image(&docker).await?;
    let arguments = ["build", "--workspace", "--bins", "--locked", "--quiet", "--features", TEST_FEATURES];
    process::run(&mut cargo(&arguments)).await?;
    Ok(docker)
}

/// One run with programs that are built; whether every promise was kept.
pub(crate) async fn once(args: &ChaosArgs, docker: &Docker) -> Result<bool> {
    let seed = args.seed.unwrap_or_else(|| rand_seed() % 1_000_000);
    let previous = match &args.from {
        Some(revision) => Some(previous::programs(revision).await?),
        None => None,
    };
    let faults = faults(args)?;
    let plan = Plan {
        seed,
        lasting: args.lasting(),
        faults,
        rates: Rates { deployments: args.rate.clamp(0.1, 100.0), containers: args.containers },
        variant: Variant::default(),
        settle: SETTLE,
        previous,
    };
    let outcome = play(&plan, docker).await?;
    outcome.print(if args.json { Print::Json } else { Print::Text });
    Ok(outcome.holds())
}

/// What was asked for; with another version, replacing it is what goes wrong.
fn faults(args: &ChaosArgs) -> Result<Vec<Fault>> {
    let without = args.from.is_none() && args.faults.contains(&Fault::Upgrade);
    ensure!(!without, "say which version is replaced: --from REVISION");
    Ok(match (&args.faults[..], &args.from) {
        ([], None) => Fault::usual(),
        ([], Some(_)) => vec![Fault::Upgrade],
        (asked, _) => asked.to_vec(),
    })
}

/// Everything that decides a run.
struct Plan {
    seed: u64,
    lasting: Duration,
    faults: Vec<Fault>,
    rates: Rates,
    variant: Variant,
    settle: Duration,
    previous: Option<PathBuf>,
}

/// Starts the platform, breaks it for a while, heals it, and judges.
async fn play(plan: &Plan, docker: &Docker) -> Result<Outcome> {
    say(&format!("seed {}: {} s", plan.seed, plan.lasting.as_secs()));
    let mut random = Random::new(plan.seed);
    let (disks, faults) = possible(&plan.faults, docker);
    let blows = schedule::schedule(&faults, plan.lasting, &mut random);
    let gentle = faults.iter().all(|fault| fault.is_gentle());
    let start = Start { disks, previous: plan.previous.clone(), gentle };
    let world = Arc::new(World::start(docker, plan.variant, start).await?);
    let load = Load::new(&world, plan.rates, &mut random)?;
    load.warm_up(&mut random).await;
    let baseline = Baseline::of(&world).await;
    let generator = random.fork();
    let mut beside = JoinSet::new();
    let working = Arc::clone(&load);
    beside.spawn(async move { working.run(generator).await });
    let began = Instant::now();
    let faults = strike_all(&world, blows, plan.lasting).await;
    let lasting = began.elapsed();
    load.end();
    world.heal();
    let measure = Measure { settle: plan.settle, baseline };
    let seen = judge::judge(&world, &measure, &mut random).await?;
    beside.abort_all();
    let (duplicates, garbage) = (load.duplicates.load(SeqCst), load.garbage.load(SeqCst));
    let told = Told { seed: plan.seed, lasting, seen, faults, duplicates, garbage };
    let outcome = Outcome::of(&world, told);
    if !outcome.holds() {
        let logs = crate::cargo::program("chaos-logs")?.join(plan.seed.to_string());
        world.keep_logs(&logs)?;
        std::fs::write(logs.join("outcome.json"), serde_json::to_vec_pretty(&outcome)?)?;
        say(&format!("what the processes printed is in {}", logs.display()));
    }
    Ok(outcome)
}

/// The faults that this machine allows, and the disks for them.
fn possible(faults: &[Fault], docker: &Docker) -> (Option<Disks>, Vec<Fault>) {
    let mut possible = faults.to_vec();
    if docker.is_borrowed() {
        skip(&mut possible, Fault::needs_an_engine, "the Docker engine is not this run's own");
    }
    let disks = Disks::mount(PROCESSES);
    if let Err(error) = &disks {
        skip(&mut possible, Fault::needs_disks, &format!("{error:#}"));
    }
    (disks.ok(), possible)
}

fn skip(faults: &mut Vec<Fault>, is_impossible: impl Fn(Fault) -> bool, why: &str) {
    for fault in faults.extract_if(.., |fault| is_impossible(*fault)) {
        say(&format!("skipped {}: {why}", fault.name()));
    }
}

/// Strikes as laid down, and starts again what ended by itself, until the time is over and every blow is.
async fn strike_all(world: &Arc<World>, blows: Vec<Blow>, lasting: Duration) -> BTreeMap<String, u64> {
    let started = Instant::now();
    let mut striking = JoinSet::new();
    let mut counts = BTreeMap::new();
    let mut blows = blows.into_iter().peekable();
    while started.elapsed() < lasting || !striking.is_empty() {
        while striking.try_join_next().is_some() {}
        while let Some(blow) = blows.next_if(|blow| blow.at <= started.elapsed()) {
            *counts.entry(blow.fault.name()).or_default() += 1;
            let world = Arc::clone(world);
            striking.spawn(async move { blow.strike(&world).await });
        }
        world.fleet().mend(Everything::No);
        tokio::time::sleep(LOOK_EVERY).await;
    }
    counts
}

fn rand_seed() -> u64 {
    let now = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH);
    now.map_or(1, |since| since.as_secs() ^ u64::from(since.subsec_nanos()))
}
