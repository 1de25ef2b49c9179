//! What can be asked for on the command line.

use clap::{Parser, Subcommand};
use shipstack_settings::EverySetting;

use crate::client::OneArgs;
use crate::console::tell;
use crate::{
    Exit, builder, cancel, completions, deploy, doctor, logs, ls, open, plan, redeploy, reindex, rm, status,
    up, verify,
};

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
    /// List deployments, the newest first
    Ls(ls::LsArgs),
    /// Show what is known of a deployment
    Status(OneArgs),
    /// Print the log of a deployment
    Logs(logs::LogsArgs),
    /// End a deployment that is still on its way
    Cancel(OneArgs),
    /// Build the source of a deployment again, as a new one
    Redeploy(redeploy::RedeployArgs),
    /// Open the site of a deployment in a browser
    Open(OneArgs),
    /// Delete deployments and their sites, for ever
    Rm(rm::RmArgs),
    /// Say what would be built from a folder, without building it
    Plan(plan::PlanArgs),
    /// Check what shipstack needs on this machine, and say how to fix what is broken
    Doctor(Box<EverySetting>),
    /// Rebuild the index of Redis from the object store
    Reindex(Box<EverySetting>),
    /// Check that store and Redis hold what was promised; nothing is repaired
    Verify(verify::VerifyArgs),
    /// The image that builds run in
    #[command(subcommand)]
    Builder(builder::BuilderCommand),
    /// Print what a shell needs to complete these commands
    Completions(completions::CompletionsArgs),
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
        Command::Ls(args) => ls::run(&args, answer_as).await,
        Command::Status(args) => status::run(&args, answer_as).await,
        Command::Logs(args) => logs::run(&args, answer_as).await,
        Command::Cancel(args) => cancel::run(&args, answer_as).await,
        Command::Redeploy(args) => redeploy::run(&args, answer_as).await,
        Command::Open(args) => open::run(&args, answer_as).await,
        Command::Rm(args) => rm::run(&args, answer_as).await,
        Command::Plan(args) => plan::run(&args, answer_as).await,
        Command::Doctor(settings) => Ok(doctor::run(&settings, answer_as).await),
        Command::Reindex(settings) => reindex::run(&settings, answer_as).await,
        Command::Verify(args) => verify::run(&args, answer_as).await,
        Command::Builder(command) => builder::run(&command).await,
        Command::Completions(args) => Ok(completions::run(&args)),
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
