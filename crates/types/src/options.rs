//! What a person may ask of a build, checked at the edge.

use crate::{EgressOptions, RelPath};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// Options of a build as the request, the project or `shipstack.toml` give them. All are data for the sandbox;
/// nothing here is ever put into a command on the host.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct BuildOptions {
    /// The folder to build, from the root of the source.
    #[serde(default, deserialize_with = "named::directory", skip_serializing_if = "Option::is_none")]
    pub directory: Option<RelPath>,
    /// The install command, for a shell in the sandbox.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub install: Option<String>,
    /// The build command, for a shell in the sandbox.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub command: Option<String>,
    /// The output folder, from `directory`.
    #[serde(default, deserialize_with = "named::output", skip_serializing_if = "Option::is_none")]
    pub output: Option<RelPath>,
    /// The Node major, such as `22`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub node: Option<String>,
    /// Variables of install and build.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub env: BTreeMap<String, String>,
    /// What the build may ask of the network, where that is tighter than what the operator lets builds do.
    #[serde(default, skip_serializing_if = "EgressOptions::is_empty")]
    #[cfg_attr(feature = "openapi", schema(required = false))]
    pub egress: EgressOptions,
}

/// An option is not acceptable.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("build.{field}: {why}")]
pub struct InvalidOption {
    /// The field's name.
    pub field: String,
    /// What is wrong with it.
    pub why: &'static str,
}

impl BuildOptions {
    /// Longest command, in bytes.
    pub const MAX_COMMAND_BYTES: usize = 8 * 1024;
    /// Longest wish for a Node, in bytes.
    pub const MAX_NODE_BYTES: usize = 64;
    /// Most variables.
    pub const MAX_VARIABLES: usize = 64;
    /// Longest value of a variable, in bytes.
    pub const MAX_VALUE_BYTES: usize = 8 * 1024;
    /// All names and values together, in bytes.
    pub const MAX_ENV_BYTES: usize = 64 * 1024;

    /// Checks lengths and characters; call it on everything that came from outside.
    pub fn check(&self) -> Result<(), InvalidOption> {
        let commands = [("install", &self.install), ("command", &self.command)];
        commands.into_iter().try_for_each(|(field, text)| check_command(field, text.as_deref()))?;
        check_node(self.node.as_deref())?;
        if self
            .output
            .as_ref()
            .is_some_and(|output| output.is_root() || output.segments().any(|s| s == ".git"))
        {
            return Err(refuse("output", "must name a folder below the project"));
        }
        self.egress.check()?;
        self.check_env()
    }

    fn check_env(&self) -> Result<(), InvalidOption> {
        if self.env.len() > Self::MAX_VARIABLES {
            return Err(refuse("env", "more than 64 variables"));
        }
        let total: usize = self.env.iter().map(|(name, value)| name.len() + value.len()).sum();
        if total > Self::MAX_ENV_BYTES {
            return Err(refuse("env", "more than 64 KiB in all"));
        }
        self.env.iter().try_for_each(|(name, value)| check_variable(name, value))
    }

    /// These options where given, else `below`'s. Variables are merged, ours win; of the network, the tighter.
    #[must_use]
    pub fn over(&self, below: &Self) -> Self {
        let mut env = below.env.clone();
        env.extend(self.env.clone());
        Self {
            directory: self.directory.clone().or_else(|| below.directory.clone()),
            install: self.install.clone().or_else(|| below.install.clone()),
            command: self.command.clone().or_else(|| below.command.clone()),
            output: self.output.clone().or_else(|| below.output.clone()),
            node: self.node.clone().or_else(|| below.node.clone()),
            env,
            egress: self.egress.and(&below.egress),
        }
    }
}

pub(crate) fn refuse(field: &str, why: &'static str) -> InvalidOption {
    InvalidOption { field: field.to_owned(), why }
}

fn check_command(field: &str, text: Option<&str>) -> Result<(), InvalidOption> {
    let Some(text) = text else { return Ok(()) };
    if text.contains('\0') {
        return Err(refuse(field, "has a NUL byte"));
    }
    if text.trim().is_empty() {
        return Err(refuse(field, "is empty"));
    }
    if text.len() > BuildOptions::MAX_COMMAND_BYTES {
        return Err(refuse(field, "is longer than 8 KiB"));
    }
    Ok(())
}

/// Whether a builder has such a Node is for the workers to say; what can be no version of it is refused whatever they have:
/// `22`, `v22.1`, `>=20 <23`, `20 || 22`, `lts/jod`, `latest`.
fn check_node(text: Option<&str>) -> Result<(), InvalidOption> {
    let Some(text) = text else { return Ok(()) };
    let of_range = |c: char| c.is_ascii_digit() || ".xX*vV^~<>=|- ".contains(c);
    let is_range = text.chars().all(of_range) && text.contains(|c: char| c.is_ascii_digit() || c == '*');
    let word = text.to_ascii_lowercase();
    let is_word = matches!(word.as_str(), "node" | "stable" | "latest" | "current" | "lts");
    let is_line = word.strip_prefix("lts/").is_some_and(|line| {
        line == "*" || (!line.is_empty() && line.chars().all(|c| c.is_ascii_lowercase()))
    });
    if text.len() <= BuildOptions::MAX_NODE_BYTES && (is_range || is_word || is_line) {
        return Ok(());
    }
    Err(refuse("node", "is no version of Node, such as 22"))
}

/// Paths whose complaint names the field that they stand in.
mod named {
    use crate::RelPath;
    use serde::de::{Deserialize as _, Deserializer, Error as _};

    pub(super) fn directory<'de, D: Deserializer<'de>>(of: D) -> Result<Option<RelPath>, D::Error> {
        path("directory", of)
    }

    pub(super) fn output<'de, D: Deserializer<'de>>(of: D) -> Result<Option<RelPath>, D::Error> {
        path("output", of)
    }

    fn path<'de, D: Deserializer<'de>>(field: &str, of: D) -> Result<Option<RelPath>, D::Error> {
        let text = Option::<String>::deserialize(of)
            .map_err(|why| D::Error::custom(format_args!("build.{field}: {why}")))?;
        let parsed = text.map(|text| text.parse().map_err(|why| format!("build.{field}: {why}"))).transpose();
        parsed.map_err(D::Error::custom)
    }
}

fn check_variable(name: &str, value: &str) -> Result<(), InvalidOption> {
    let field = || format!("env.{}", name.escape_default().take(64).collect::<String>());
    let legal = |c: char| c.is_ascii_alphanumeric() || c == '_';
    if name.is_empty()
        || name.len() > 256
        || !name.chars().all(legal)
        || name.starts_with(|c: char| c.is_ascii_digit())
    {
        return Err(InvalidOption {
            field: field(),
            why: "a name is letters, digits and _, not beginning with a digit",
        });
    }
    if value.contains('\0') || value.len() > BuildOptions::MAX_VALUE_BYTES {
        return Err(InvalidOption { field: field(), why: "a value is at most 8 KiB without a NUL byte" });
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn with_env(name: &str, value: &str) -> BuildOptions {
        BuildOptions { env: BTreeMap::from([(name.to_owned(), value.to_owned())]), ..BuildOptions::default() }
    }

    #[test]
    fn a_bad_variable_is_named() {
        for name in ["A=B", "", "A\0", "1A", "ä", "A B"] {
            assert!(with_env(name, "x").check().is_err(), "{name:?}");
        }
        assert!(with_env("A", "x\0").check().is_err());
        assert!(with_env("A", &"x".repeat(8193)).check().is_err());
        assert_eq!(with_env("A", "two\nlines").check(), Ok(()));
        let many = (0..65).map(|n| (format!("V{n}"), String::new())).collect();
        assert!(BuildOptions { env: many, ..BuildOptions::default() }.check().is_err());
    }

    #[test]
    fn a_command_is_data_but_not_without_bounds() {
        let with =
            |command: &str| BuildOptions { command: Some(command.to_owned()), ..BuildOptions::default() };
        assert_eq!(with("rm -rf / # $(x)\nb").check(), Ok(()));
        for command in ["a\0b", "", "  ", &"x".repeat(8193)] {
            assert!(with(command).check().is_err());
        }
    }

    #[test]
    fn what_can_be_no_node_is_refused_before_anything_is_built() {
        let with = |node: &str| BuildOptions { node: Some(node.to_owned()), ..BuildOptions::default() };
        for node in
            ["22", "v20.1.0", "22.x", ">=20 <23", "20 || 22", "^22", "*", "lts", "lts/*", "LTS/Jod", "node"]
        {
            assert_eq!(with(node).check(), Ok(()), "{node}");
        }
        for node in ["banana", "", " ", "22; rm", "lts/", "twenty", "\u{1b}22", &"2".repeat(65)] {
            assert_eq!(with(node).check().unwrap_err().field, "node", "{node}");
        }
    }

    #[test]
    fn a_path_that_is_none_names_its_field() {
        for field in ["directory", "output"] {
            for value in [serde_json::json!("../x"), serde_json::json!(7)] {
                let wrong = serde_json::from_value::<BuildOptions>(serde_json::json!({ field: value }));
                let said = wrong.unwrap_err().to_string();
                assert!(said.starts_with(&format!("build.{field}: ")), "{said}");
            }
            let none = serde_json::from_value::<BuildOptions>(serde_json::json!({ field: null }));
            assert_eq!(none.unwrap(), BuildOptions::default());
        }
    }

    #[test]
    fn an_output_folder_lies_below_the_project() {
        for text in ["..", "/", ".", "dist/../../src"] {
            assert!(
                serde_json::from_value::<BuildOptions>(serde_json::json!({ "output": text })).is_err(),
                "{text}"
            );
        }
        for text in ["", ".git"] {
            let options: BuildOptions =
                serde_json::from_value(serde_json::json!({ "output": text })).unwrap();
            assert!(options.check().is_err(), "{text}");
        }
    }

    #[test]
    fn the_nearer_options_win() {
        let near = BuildOptions { node: Some("20".into()), ..with_env("A", "near") };
        let mut far = with_env("A", "far");
        far.env.insert("B".into(), "far".into());
        far.command = Some("x".into());
        let merged = near.over(&far);
        assert_eq!(merged.node.as_deref(), Some("20"));
        assert_eq!(merged.command.as_deref(), Some("x"));
        assert_eq!(merged.env.get("A").map(String::as_str), Some("near"));
        assert_eq!(merged.env.get("B").map(String::as_str), Some("far"));
    }
}
