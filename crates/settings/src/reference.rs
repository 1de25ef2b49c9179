//! The references of all settings, `.env.example` and `deploy/docs/configuration.md`, generated from the settings
//! themselves so that they cannot rot.

use std::fmt::Write as _;

use clap::{Arg, Args as _, Command};

use crate::EverySetting;
use crate::load::is_secret;

/// The text of `.env.example`: every variable with its help and its default, commented out.
pub fn env_example() -> String {
    let mut text = String::from(ENV_HEADER);
    by_heading(
        &mut text,
        |heading| format!("\n## {heading}\n"),
        |setting| {
            let Setting { name, help, default, .. } = setting;
            let choices = setting.choices.as_ref().map(|choices| format!(" ({choices})")).unwrap_or_default();
            let file = if setting.secret { format!("; or {name}_FILE") } else { String::new() };
            format!("# {help}{choices}{file}\n#{name}={default}\n")
        },
    );
    text
}

/// The text of the configuration page: a table for each part.
pub fn configuration_page() -> String {
    let mut text = String::from(PAGE_HEADER);
    by_heading(
        &mut text,
        |heading| format!("\n## {heading}\n\n| variable | flag | default | |\n|---|---|---|---|"),
        |setting| {
            let choices =
                setting.choices.as_ref().map(|choices| format!(" One of: {choices}.")).unwrap_or_default();
            let file = if setting.secret { " Secret; `_FILE` works." } else { "" };
            let default =
                if setting.default.is_empty() { "–".to_owned() } else { format!("`{}`", setting.default) };
            let help = setting.help.replace('|', "\\|");
            format!("| `{}` | `--{}` | {default} | {help}.{choices}{file} |", setting.name, setting.flag)
        },
    );
    text
}

const ENV_HEADER: &str = "\
# Every setting of shipstack, with its default. Copy this file to .env and remove the `#` before what you change.
# Generated from crates/settings; a test keeps it so. Flags have the same names: SHIPSTACK_BUILD_SLOTS is --build-slots.
# The environment wins over this file. Secrets can stand in a file instead: SHIPSTACK_TOKEN_FILE=/run/secrets/token
";

const PAGE_HEADER: &str = "\
# Configuration

Every setting is a flag, a variable, and a line of a `.env` in the working folder; the environment wins over the file, a
flag over both. A wrong value stops the start with one line that names it. Secrets can stand in a file of their own:
`SHIPSTACK_TOKEN_FILE=/run/secrets/token`. The command line finds the API by `SHIPSTACK_API_URL` or `--api`, and signs in
with `SHIPSTACK_TOKEN`. Sizes are written `512MiB`, times `250ms`, `8s`, `15m`, `24h`.

`shipstack up` takes all of them, each service those of its parts (`--help` lists them). This page is generated from
`crates/settings`, and a test keeps it so.
";

/// One setting, as a reference shows it.
struct Setting {
    name: String,
    flag: String,
    help: String,
    choices: Option<String>,
    default: String,
    secret: bool,
}

fn by_heading(text: &mut String, heading_of: impl Fn(&str) -> String, entry_of: impl Fn(&Setting) -> String) {
    let command = EverySetting::augment_args(Command::new("shipstack"));
    let mut heading = "";
    for arg in command.get_arguments().filter(|arg| !arg.is_hide_set()) {
        let own = arg.get_help_heading().unwrap_or("General");
        if own != heading {
            heading = own;
            push(text, &heading_of(heading));
        }
        push(text, &entry_of(&setting(arg)));
    }
}

fn push(text: &mut String, part: &str) {
    // Writing into a String cannot fail.
    let _ = writeln!(text, "{part}");
}

fn setting(arg: &Arg) -> Setting {
    let choices: Vec<_> =
        arg.get_possible_values().iter().map(|choice| choice.get_name().to_owned()).collect();
    let is_choice = !choices.is_empty() && arg.get_action().takes_values();
    let defaults = arg.get_default_values().iter().filter_map(|value| value.to_str());
    Setting {
        name: arg.get_env().and_then(|name| name.to_str()).unwrap_or_default().to_owned(),
        flag: arg.get_long().unwrap_or_default().to_owned(),
        help: arg.get_help().map(ToString::to_string).unwrap_or_default(),
        choices: is_choice.then(|| choices.join(", ")),
        default: defaults.collect::<Vec<_>>().join(","),
        secret: is_secret(arg),
    }
}

#[cfg(test)]
mod tests {
    use std::fs;
    use std::path::Path;

    use super::*;

    /// To bring the files up to date: `SHIPSTACK_UPDATE=1 cargo test -p shipstack-settings`.
    #[test]
    fn the_references_in_the_repository_are_the_generated_ones() {
        let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
        for (name, text) in
            [(".env.example", env_example()), ("deploy/docs/configuration.md", configuration_page())]
        {
            let path = root.join(name);
            if std::env::vars_os().any(|(name, _)| name == "SHIPSTACK_UPDATE") {
                fs::write(&path, &text).unwrap();
            }
            let stored = fs::read_to_string(path).unwrap_or_default();
            assert!(stored == text, "{name}: run SHIPSTACK_UPDATE=1 cargo test -p shipstack-settings");
        }
    }

    #[test]
    fn every_setting_has_a_flag_a_variable_and_a_sentence() {
        for arg in EverySetting::augment_args(Command::new("shipstack")).get_arguments() {
            assert!(arg.get_long().is_some() && arg.get_env().is_some(), "{:?}", arg.get_id());
            assert!(arg.get_help().is_some(), "{:?} says nothing", arg.get_id());
        }
    }
}
