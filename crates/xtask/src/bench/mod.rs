//! What is measured. Every figure has a rival in the same run; with `--json` each is one object a line.

mod backlog;
mod dispatch;
mod figure;
mod install;
mod overhead;
mod platform;
mod services;
mod serving;
mod visits;

use std::process::ExitCode;

use anyhow::Result;
use clap::{Args, Subcommand};
use figure::Print;

/// What to measure.
#[derive(Subcommand, Debug)]
pub(crate) enum Bench {
    /// Thousands of finished sites queued, drained and indexed again: rates, memory, and how long the reindex takes
    Backlog {
        #[command(flatten)]
        how: How,
        /// Deployments
        #[arg(long, default_value_t = 10_000)]
        count: u32,
    },
    /// From push to claim, with 10,000 jobs queued and with a worker waiting; rival: LPUSH and BRPOP
    Dispatch {
        #[command(flatten)]
        how: How,
    },
    /// Installing dependencies through the egress proxy; rival: the engine's open bridge
    Install {
        #[command(flatten)]
        how: How,
        /// Pairs of installs
        #[arg(long, default_value_t = 5)]
        pairs: usize,
    },
    /// The platform's own time per deployment: everything but the project's install and build
    Overhead {
        #[command(flatten)]
        how: How,
        /// Deployments to measure, after one that warms up
        #[arg(long, default_value_t = 15)]
        runs: usize,
    },
    /// The slowest hundredth of visits while every build slot is busy; rival: the same on an idle machine
    Serving {
        #[command(flatten)]
        how: How,
        /// Rounds of ten seconds idle and ten busy
        #[arg(long, default_value_t = 5)]
        rounds: usize,
    },
    /// How long the processors of this machine are busy with a visit of one page, by a release build; rival: nginx
    Visits {
        #[command(flatten)]
        how: How,
        /// Rounds of six seconds each
        #[arg(long, default_value_t = 5)]
        rounds: usize,
    },
}

/// How figures are printed.
#[derive(Args, Debug)]
pub(crate) struct How {
    /// One JSON object a line
    #[arg(long)]
    json: bool,
}

impl How {
    fn print(&self) -> Print {
        if self.json { Print::Json } else { Print::Text }
    }
}

pub(crate) async fn run(bench: &Bench) -> Result<ExitCode> {
    match bench {
        Bench::Backlog { how, count } => backlog::measure(how.print(), *count).await?,
        Bench::Dispatch { how } => dispatch::measure(how.print()).await?,
        Bench::Install { how, pairs } => install::measure(how.print(), *pairs).await?,
        Bench::Overhead { how, runs } => overhead::measure(how.print(), *runs).await?,
        Bench::Serving { how, rounds } => serving::measure(how.print(), *rounds).await?,
        Bench::Visits { how, rounds } => visits::measure(how.print(), *rounds).await?,
    }
    Ok(ExitCode::SUCCESS)
}
