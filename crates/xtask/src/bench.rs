//! What is measured.

use std::process::ExitCode;

use anyhow::{Result, bail};
use clap::Subcommand;

/// What to measure.
#[derive(Subcommand, Debug)]
pub(crate) enum Bench {
    /// The platform's own time per deployment
    Overhead {
        /// One JSON object a line
        #[arg(long)]
        json: bool,
    },
}

pub(crate) async fn run(bench: &Bench) -> Result<ExitCode> {
    tokio::task::yield_now().await;
    bail!("not there yet: {bench:?}")
}
