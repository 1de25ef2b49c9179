//! What is measured. Every figure has a rival in the same run; with `--json` each is one object a line.

mod figure;
mod overhead;
mod platform;

use std::process::ExitCode;

use anyhow::Result;
use clap::Subcommand;

/// What to measure.
#[derive(Subcommand, Debug)]
pub(crate) enum Bench {
    /// The platform's own time per deployment: everything but the project's install and build
    Overhead {
        /// One JSON object a line
        #[arg(long)]
        json: bool,
        /// Deployments to measure, after one that warms up
        #[arg(long, default_value_t = 15)]
        runs: usize,
    },
}

pub(crate) async fn run(bench: &Bench) -> Result<ExitCode> {
    match bench {
        Bench::Overhead { json, runs } => {
            let print = if *json { figure::Print::Json } else { figure::Print::Text };
            overhead::measure(print, *runs).await?;
        }
    }
    Ok(ExitCode::SUCCESS)
}
