//! `.env.example`, generated from the settings themselves so that it cannot rot.

use std::fmt::Write as _;

use clap::{Arg, Args as _, Command};

use crate::EverySetting;
use crate::load::is_secret;

/// The text of `.env.example`: every variable with its help and its default, commented out.
pub fn env_example() -> String {
    let command = EverySetting::augment_args(Command::new("shipstack"));
    let mut text = String::from(HEADER);
    let mut heading = "";
    for arg in command.get_arguments().filter(|arg| !arg.is_hide_set()) {
        let own = arg.get_help_heading().unwrap_or("General");
        if own != heading {
            heading = own;
            push(&mut text, &format!("\n## {heading}\n"));
        }
        push(&mut text, &entry(arg));
    }
    text
}

const HEADER: &str = "\
# Every setting of shipstack, with its default. Copy this file to .env and remove the `#` before what you change.
# Generated from crates/settings; a test keeps it so. Flags have the same names: SHIPSTACK_BUILD_SLOTS is --build-slots.
# The environment wins over this file. Secrets can stand in a file instead: SHIPSTACK_TOKEN_FILE=/run/secrets/token
";

fn push(text: &mut String, part: &str) {
    // Writing into a String cannot fail.
    let _ = writeln!(text, "{part}");
}

fn entry(arg: &Arg) -> String {
    let name = arg.get_env().and_then(|name| name.to_str()).unwrap_or_default();
    let help = arg.get_help().map(ToString::to_string).unwrap_or_default();
    let choices: Vec<_> =
        arg.get_possible_values().iter().map(|choice| choice.get_name().to_owned()).collect();
    let choices = if choices.is_empty() || !arg.get_action().takes_values() {
        String::new()
    } else {
        format!(" ({})", choices.join(", "))
    };
    let file = if is_secret(arg) { format!("; or {name}_FILE") } else { String::new() };
    let default =
        arg.get_default_values().iter().filter_map(|value| value.to_str()).collect::<Vec<_>>().join(",");
    format!("# {help}{choices}{file}\n#{name}={default}\n")
}

#[cfg(test)]
mod tests {
    use std::fs;
    use std::path::Path;

    use super::*;

    /// To bring the file up to date: `SHIPSTACK_UPDATE=1 cargo test -p shipstack-settings`.
    #[test]
    fn the_example_in_the_repository_is_the_generated_one() {
        let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../.env.example");
        if std::env::vars_os().any(|(name, _)| name == "SHIPSTACK_UPDATE") {
            fs::write(&path, env_example()).unwrap();
        }
        let stored = fs::read_to_string(path).unwrap();
        assert!(stored == env_example(), "run: SHIPSTACK_UPDATE=1 cargo test -p shipstack-settings");
    }

    #[test]
    fn every_setting_has_a_flag_a_variable_and_a_sentence() {
        for arg in EverySetting::augment_args(Command::new("shipstack")).get_arguments() {
            assert!(arg.get_long().is_some() && arg.get_env().is_some(), "{:?}", arg.get_id());
            assert!(arg.get_help().is_some(), "{:?} says nothing", arg.get_id());
        }
    }
}
