//! The command line, and all of shipstack in one process.
//!
//! **For**: `shipstack up` on one machine, and talking to a running shipstack from a terminal or a script.
//! **Guarantees**: standard output holds the answer and nothing else (`deploy` prints the URL alone), everything said to
//! a person goes to standard error; with `--json` an error is an answer too; exit codes are 0 done, 1 failed, 2 usage,
//! 130 interrupted.
//! **Is not**: different in behaviour from the three services: `up` runs the same three, on the same settings.

mod builder;
mod cancel;
mod cli;
mod client;
mod complaint;
mod completions;
mod console;
mod deploy;
mod describe;
mod doctor;
mod exit;
mod local;
mod logs;
mod ls;
mod open;
mod plan;
mod receipt;
mod redeploy;
mod reindex;
mod rm;
mod status;
mod terminal_text;
mod up;
mod verify;

pub use cli::{Cli, run};
pub use exit::Exit;
