//! The project's own tasks: `cargo xtask up | test | chaos | fuzz | bench`.
//!
//! For: one command each that does a whole job on a bare machine, says what it did, and leaves nothing behind.
//! Is not: part of the product; nothing here is shipped.

mod bench;
mod cargo;
mod chaos;
mod console;
mod frontend;
mod fuzz;
mod interrupt;
mod machine;
mod process;
mod ready;
mod test;
mod up;

use std::process::ExitCode;

use clap::Parser;

/// The project's own tasks.
#[derive(Parser)]
#[command(name = "cargo xtask", bin_name = "cargo xtask", disable_help_subcommand = true)]
enum Task {
    /// Install and start what is needed, run every check and test, and leave nothing behind
    Test(test::TestArgs),
    /// Check what is missing, make the builder image, and start shipstack on this machine
    Up(up::UpArgs),
    /// Break everything on purpose, and see that every promise is kept
    Chaos(chaos::ChaosArgs),
    /// Look for inputs that break what has to hold of every parser of strangers' bytes
    Fuzz(fuzz::FuzzArgs),
    /// Measure
    #[command(subcommand)]
    Bench(bench::Bench),
}

#[tokio::main]
async fn main() -> ExitCode {
    let outcome = match Task::parse() {
        Task::Test(args) => interrupt::or_stop(Box::pin(test::run(&args))).await,
        Task::Up(args) => up::run(&args).await,
        Task::Chaos(args) => interrupt::or_stop(chaos::run(&args)).await,
        Task::Fuzz(args) => interrupt::or_stop(fuzz::run(&args)).await,
        Task::Bench(bench) => interrupt::or_stop(bench::run(&bench)).await,
    };
    outcome.unwrap_or_else(|error| {
        console::complain(&format!("{error:#}"));
        ExitCode::FAILURE
    })
}
