//! Where variables come from: the process's environment, then a `.env` in the working folder.

use std::collections::HashMap;
use std::ffi::OsString;
use std::fs;
use std::io::ErrorKind;
use std::path::Path;

use crate::SettingsError;

/// Other names that a variable is known by: the Node system's (contract.md §8).
const ALIASES: [(&str, &str); 2] =
    [("AWS_ACCESS_KEY_ID", "AWS_KEY"), ("AWS_SECRET_ACCESS_KEY", "AWS_SECRET")];

/// The variables a program was started with. An empty one counts as not set, since compose files and CI systems pass
/// `NAME=` for what nobody filled in.
#[derive(Debug, Clone, Default)]
pub struct Environment {
    sources: Vec<HashMap<String, OsString>>,
}

impl Environment {
    /// The process's own variables and those of `.env` in the working folder, if there is one.
    pub fn of_process() -> Result<Self, SettingsError> {
        let process = std::env::vars_os().filter_map(|(name, value)| Some((name.into_string().ok()?, value)));
        let mut sources = vec![process.collect()];
        sources.extend(dot_env(Path::new(".env"))?);
        Ok(Self { sources })
    }

    /// Only these variables: for tests, and for programs that start another one in their own process.
    pub fn from_pairs<N: Into<String>, V: Into<OsString>>(pairs: impl IntoIterator<Item = (N, V)>) -> Self {
        Self { sources: vec![pairs.into_iter().map(|(name, value)| (name.into(), value.into())).collect()] }
    }

    /// The value of a variable under its own name or its alias, and the name it was found under.
    pub(crate) fn value(&self, name: &str) -> Result<Option<(String, String)>, SettingsError> {
        let mut found =
            self.sources.iter().flat_map(|source| names(name).filter_map(|name| entry(source, name)));
        let Some((name, value)) = found.next() else {
            return Ok(None);
        };
        let value = value.clone().into_string().map_err(|_| not_text(name))?;
        Ok(Some((name.to_owned(), value)))
    }

    /// As [`Self::value`], or else the text of the file that `<NAME>_FILE` names, without the line end it closes with.
    pub(crate) fn secret(&self, name: &str) -> Result<Option<(String, String)>, SettingsError> {
        if let Some(found) = self.value(name)? {
            return Ok(Some(found));
        }
        for name in names(name).map(|name| format!("{name}_FILE")) {
            if let Some((_, path)) = self.value(&name)? {
                let text = fs::read_to_string(&path).map_err(|why| unreadable(&name, &path, &why))?;
                return Ok(Some((name, text.trim_end_matches(['\r', '\n']).to_owned())));
            }
        }
        Ok(None)
    }
}

fn names(name: &str) -> impl Iterator<Item = &str> {
    let alias = ALIASES.iter().find(|(own, _)| *own == name).map(|(_, alias)| *alias);
    std::iter::once(name).chain(alias)
}

fn entry<'a, 'n>(source: &'a HashMap<String, OsString>, name: &'n str) -> Option<(&'n str, &'a OsString)> {
    let value = source.get(name).filter(|value| !value.is_empty())?;
    Some((name, value))
}

fn not_text(name: &str) -> SettingsError {
    SettingsError::new(name, "it is not UTF-8")
}

fn unreadable(name: &str, path: &str, why: &std::io::Error) -> SettingsError {
    SettingsError::new(name, &format!("the file {path} cannot be read: {why}"))
}

fn dot_env(path: &Path) -> Result<Option<HashMap<String, OsString>>, SettingsError> {
    match fs::read_to_string(path) {
        Ok(text) => parse(&text).map(Some),
        Err(why) if why.kind() == ErrorKind::NotFound => Ok(None),
        Err(why) => Err(SettingsError::new(".env", &format!("it cannot be read: {why}"))),
    }
}

fn parse(text: &str) -> Result<HashMap<String, OsString>, SettingsError> {
    let lines = text.lines().enumerate().map(|(index, line)| (index + 1, line.trim()));
    let lines = lines.filter(|(_, line)| !line.is_empty() && !line.starts_with('#'));
    lines.map(|(number, line)| assignment(line).ok_or_else(|| bad_line(number))).collect()
}

fn bad_line(number: usize) -> SettingsError {
    SettingsError::new(&format!(".env, line {number}"), "it has to be NAME=value")
}

/// `NAME=value`, `export NAME="value"`, `NAME='value'`, `NAME=value # remark`. Nothing is expanded: a `$` is a `$`.
fn assignment(line: &str) -> Option<(String, OsString)> {
    let (name, value) = line.strip_prefix("export ").unwrap_or(line).split_once('=')?;
    let name = name.trim();
    let legal = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'_';
    (!name.is_empty() && name.bytes().all(legal)).then_some(())?;
    Some((name.to_owned(), unquoted(value.trim())?.into()))
}

fn unquoted(value: &str) -> Option<&str> {
    let quote = value.chars().next().filter(|first| matches!(first, '"' | '\''));
    match quote {
        Some(quote) => value.get(1..)?.split_once(quote).map(|(inner, _)| inner),
        None => value.split(" #").next().map(str::trim_end),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn value(environment: &Environment, name: &str) -> Option<String> {
        environment.value(name).unwrap().map(|(_, value)| value)
    }

    #[test]
    fn a_dot_env_is_read_as_shells_write_it() {
        let text = "# remark\n\nA=1\nexport B=\"two # words\"\nC='x=y'\n D = 3 # why\nE=\nF=a#b\n";
        let parsed = parse(text).unwrap();
        let got = |name: &str| parsed.get(name).and_then(|value| value.to_str()).unwrap_or("none");
        assert_eq!(
            [got("A"), got("B"), got("C"), got("D"), got("E"), got("F")],
            ["1", "two # words", "x=y", "3", "", "a#b"]
        );
    }

    #[test]
    fn a_broken_line_of_a_dot_env_is_named_by_its_number() {
        for text in ["A=1\nnonsense", "A=1\n=1", "A=1\nB=\"open", "A=1\nB C=1"] {
            let error = parse(text).unwrap_err().to_string();
            assert!(error.starts_with(".env, line 2:"), "{error}");
        }
    }

    #[test]
    fn the_environment_wins_over_the_file_and_empty_is_not_set() {
        let mut environment = Environment::from_pairs([("A", "process"), ("B", "")]);
        environment.sources.push(parse("A=file\nB=file").unwrap());
        assert_eq!(value(&environment, "A").as_deref(), Some("process"));
        assert_eq!(value(&environment, "B").as_deref(), Some("file"));
        assert_eq!(value(&environment, "C"), None);
    }

    #[test]
    fn the_node_systems_names_are_aliases() {
        let environment = Environment::from_pairs([("AWS_KEY", "key")]);
        let found = environment.secret("AWS_ACCESS_KEY_ID").unwrap();
        assert_eq!(found, Some(("AWS_KEY".to_owned(), "key".to_owned())));
    }

    #[test]
    fn a_secret_may_stand_in_a_file() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("token");
        fs::write(&path, "hush\n").unwrap();
        let environment = Environment::from_pairs([("TOKEN_FILE", path.as_os_str())]);
        assert_eq!(environment.secret("TOKEN").unwrap().unwrap().1, "hush");
        let environment = Environment::from_pairs([("TOKEN_FILE", folder.path().join("none").as_os_str())]);
        let error = environment.secret("TOKEN").unwrap_err().to_string();
        assert!(error.starts_with("TOKEN_FILE: ") && error.lines().count() == 1, "{error}");
    }
}
