//! What can be asked for on the command line.

use clap::{Parser, Subcommand};
use shipstack_settings::EverySetting;

use crate::console::tell;
use crate::{Exit, builder, deploy, doctor, status, up};

/// Deploy a repository or a folder: built in a locked-down container, served at a URL of its own.
#[derive(Parser, Debug)]
#[command(name = "shipstack", version, about)]
pub struct Cli {
    #[command(subcommand)]
    command: Command,

    /// Answer with JSON on standard output
    #[arg(long, global = true)]
    json: bool,
}

#[derive(Subcommand, Debug)]
enum Command {
    /// Run everything in this process: the API, a worker and the sites
    Up(Box<EverySetting>),
    /// Deploy a Git URL or a folder; prints the URL of the site, alone
    Deploy(deploy::DeployArgs),
    /// Show what is known of a deployment
    Status(status::StatusArgs),
    /// Check what shipstack needs on this machine, and say how to fix what is broken
    Doctor(Box<EverySetting>),
    /// The image that builds run in
    #[command(subcommand)]
    Builder(builder::BuilderCommand),
}

/// How a command answers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum AnswerAs {
    Text,
    Json,
}

/// Runs a command to its end. What went wrong is told on standard error with its causes.
pub async fn run(cli: Cli) -> Exit {
    let answer_as = if cli.json { AnswerAs::Json } else { AnswerAs::Text };
    let outcome = match cli.command {
        Command::Up(settings) => up::run(*settings, answer_as).await,
        Command::Deploy(args) => deploy::run(&args, answer_as).await,
        Command::Status(args) => status::run(&args, answer_as).await,
        Command::Doctor(settings) => Ok(doctor::run(&settings, answer_as).await),
        Command::Builder(command) => builder::run(&command).await,
    };
    outcome.unwrap_or_else(|error| {
        tell(&format!("{error:#}"));
        Exit::Failed
    })
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory as _;

    use super::*;

    #[test]
    fn the_command_line_is_consistent() {
        Cli::command().debug_assert();
    }
}
