//! What can be asked for on the command line.

use clap::{Arg, Parser, Subcommand};
use shipstack_settings::EverySetting;

use crate::client::OneArgs;
use crate::complaint::Complaint;
use crate::console::{AnswerAs, answer_json, tell};
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
    #[command(mut_args(in_long_help), after_help = MORE_SETTINGS)]
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
    #[command(mut_args(elsewhere), after_help = SAME_SETTINGS)]
    Doctor(doctor::DoctorArgs),
    /// Rebuild the index of Redis from the object store
    #[command(mut_args(elsewhere), after_help = SAME_SETTINGS)]
    Reindex(Box<EverySetting>),
    /// Check that store and Redis hold what was promised; nothing is repaired
    #[command(mut_args(elsewhere), after_help = SAME_SETTINGS)]
    Verify(verify::VerifyArgs),
    /// The image that builds run in
    #[command(subcommand)]
    Builder(builder::BuilderCommand),
    /// Print what a shell needs to complete these commands
    Completions(completions::CompletionsArgs),
}

const SAME_SETTINGS: &str =
    "It goes by the settings of the server, as flags, variables or in .env: shipstack up --help lists them.";
const MORE_SETTINGS: &str =
    "Every setting has a default, and is a flag, a variable or a line in .env: --help lists them all.";

/// A setting of the server, which the short help leaves out.
fn in_long_help(arg: Arg) -> Arg {
    let is_setting = is_setting(&arg);
    arg.hide_short_help(is_setting)
}

/// A setting of the server, where it is taken and the help of `up` tells of it.
fn elsewhere(arg: Arg) -> Arg {
    let is_setting = is_setting(&arg);
    arg.hide(is_setting)
}

/// Settings are what can be said by a variable too; whom to call is for clients.
fn is_setting(arg: &Arg) -> bool {
    arg.get_env().is_some_and(|name| name != "SHIPSTACK_API_URL")
}

/// Runs a command to its end. What went wrong is told on standard error with its causes, and with `--json` on standard
/// output too.
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
        Command::Doctor(args) => Ok(doctor::run(&args, answer_as).await),
        Command::Reindex(settings) => reindex::run(&settings, answer_as).await,
        Command::Verify(args) => verify::run(&args, answer_as).await,
        Command::Builder(command) => builder::run(&command).await,
        Command::Completions(args) => Ok(completions::run(&args)),
    };
    outcome.unwrap_or_else(|error| {
        if answer_as == AnswerAs::Json {
            answer_json(&Complaint::from(&error).as_answer());
        }
        tell(&format!("{error:#}"));
        Exit::from(&error)
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

    #[test]
    fn help_is_short_where_settings_are_not_the_point() {
        let help = |name: &str, long: &str| {
            let asked = Cli::try_parse_from(["shipstack", name, long]);
            asked.unwrap_err().to_string()
        };
        for (command, flag) in
            [("verify", "--help"), ("doctor", "--help"), ("reindex", "--help"), ("up", "-h")]
        {
            let help = help(command, flag);
            assert!(help.lines().count() < 25, "{command} {flag}: {help}");
            assert!(help.contains("--help") && !help.contains("--build-slots"), "{help}");
        }
        assert!(help("up", "--help").contains("--build-slots"));
        assert!(help("verify", "-h").contains("--digests"));
    }
}
