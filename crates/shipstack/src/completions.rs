//! `shipstack completions`: what a shell needs to complete our commands.

use clap::{Args, CommandFactory as _};
use clap_complete::{Shell, generate};

use crate::{Cli, Exit};

/// For which shell.
#[derive(Args, Debug)]
pub(crate) struct CompletionsArgs {
    /// The shell; for bash: source <(shipstack completions bash)
    shell: Shell,
}

pub(crate) fn run(args: &CompletionsArgs) -> Exit {
    generate(args.shell, &mut Cli::command(), "shipstack", &mut std::io::stdout());
    Exit::Done
}
