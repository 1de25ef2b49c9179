//! `cargo xtask up`: from a checkout to a running shipstack.

mod data_folder;
mod services;

pub(crate) use services::Servers;

use std::path::PathBuf;
use std::process::ExitCode;

use anyhow::{Context as _, Result};
use clap::Args;
use rustix::process::Signal;
use tokio::process::Command;

use crate::cargo::{cargo, program};
use crate::console::{say, step};
use crate::frontend;
use crate::interrupt::{self, Interrupts};
use crate::machine::{self, Consent, Docker, Need};
use crate::process::{self, Group};

/// How shipstack is started.
#[derive(Args, Debug)]
pub(crate) struct UpArgs {
    /// Install what is missing (as root, on Debian); in a container or CI that needs no asking
    #[arg(long)]
    install: bool,

    /// Start Redis, an S3 store and the three services as processes, instead of all in one
    #[arg(long)]
    services: bool,
}

/// What runs while shipstack is up; dropped in this order.
pub(crate) struct Running {
    programs: Vec<(String, Group)>,
    _servers: Option<services::Servers>,
    _docker: Docker,
}

pub(crate) async fn run(args: &UpArgs) -> Result<ExitCode> {
    let mut interrupts = Interrupts::listen()?;
    let mut running = tokio::select! {
        started = start(args) => started?,
        () = interrupts.next() => return Ok(interrupt::exit_code()),
    };
    running.until_stopped(&mut interrupts).await
}

async fn start(args: &UpArgs) -> Result<Running> {
    if !args.services {
        data_folder::ensure_free()?;
    }
    step("tools");
    let mut needs = vec![Need::DOCKER, Need::IMAGE, Need::SOURCE];
    needs.extend(args.services.then_some(Need::SERVERS));
    machine::ensure_tools(&needs, Consent::from_flag(args.install)).await?;
    step("Docker");
    let docker = Docker::find_or_start().await?;
    say(docker.host());
    step("builder image");
    machine::ensure_builder_image(&docker).await?;
    step("dashboard");
    frontend::ensure_built().await?;
    step("programs");
    if is_first(programs_of(args.services))? {
        say("the first time this compiles a few hundred crates: some ten minutes on two cores");
    }
    process::run(&mut build(programs_of(args.services))).await?;
    let mut environment = machine::closed_network_settings().await;
    environment.push(("DOCKER_HOST", docker.host().to_owned()));
    step("shipstack");
    if !args.services {
        let programs = vec![("shipstack".to_owned(), spawn("shipstack", &["up"], &environment)?)];
        return Ok(Running { programs, _servers: None, _docker: docker });
    }
    let servers = services::Servers::start().await?;
    environment.extend(servers.environment());
    let names = programs_of(args.services).iter();
    let spawned = names.map(|&name| Ok((name.to_owned(), spawn(name, &[], &environment)?)));
    Ok(Running { programs: spawned.collect::<Result<_>>()?, _servers: Some(servers), _docker: docker })
}

fn programs_of(services: bool) -> &'static [&'static str] {
    if services { &["upload-service", "deploy-worker", "request-service"] } else { &["shipstack"] }
}

/// Whether one of them was never built.
fn is_first(programs: &[&str]) -> Result<bool> {
    let paths = programs.iter().map(program).collect::<Result<Vec<_>>>()?;
    Ok(!paths.iter().all(|path| path.exists()))
}

/// Exactly as `cargo run --package shipstack` would: with other features most crates would be built again.
fn build(programs: &[&str]) -> Command {
    let packages = programs.iter().flat_map(|&name| ["--package", name]);
    cargo(&["build", "--locked"].into_iter().chain(packages).collect::<Vec<_>>())
}

fn spawn(name: &str, arguments: &[&str], environment: &[(&str, String)]) -> Result<Group> {
    let path: PathBuf = program(name)?;
    let mut command: Command = process::command(&path.to_string_lossy(), arguments);
    command.envs(environment.iter().map(|(name, value)| (name, value)));
    Group::start(&mut command).with_context(|| format!("cannot start {name}"))
}

impl Running {
    /// Waits for a signal or for a program that ends by itself, and then stops them all: the first signal lets running
    /// builds finish, the second does not.
    async fn until_stopped(&mut self, interrupts: &mut Interrupts) -> Result<ExitCode> {
        let first = tokio::select! {
            () = interrupts.next() => None,
            name = self.first_to_end() => Some(name?),
        };
        self.signal_all();
        loop {
            tokio::select! {
                ended = self.all_ended() => { ended?; break }
                () = interrupts.next() => self.signal_all(),
            }
        }
        Ok(first.map_or_else(interrupt::exit_code, |name| {
            say(&format!("{name} ended by itself; everything was stopped"));
            ExitCode::FAILURE
        }))
    }

    fn signal_all(&self) {
        self.programs.iter().for_each(|(_, group)| group.signal(Signal::TERM));
    }

    async fn first_to_end(&mut self) -> Result<String> {
        loop {
            for (name, group) in &mut self.programs {
                if group.has_ended()? {
                    return Ok(name.clone());
                }
            }
            tokio::time::sleep(std::time::Duration::from_millis(200)).await;
        }
    }

    async fn all_ended(&mut self) -> Result<()> {
        for (_, group) in &mut self.programs {
            group.wait().await?;
        }
        Ok(())
    }
}
