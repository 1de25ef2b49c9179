//! `package.json`, read as hostile data: capped, with the place of what is wrong.

use crate::fail::{invalid, quoted};
use serde_json::{Map, Value};
use shipstack_types::{Failure, RelPath};
use std::collections::{BTreeMap, BTreeSet};

/// Largest file that is read. npm's own largest published ones are a few hundred KiB.
const MAX_BYTES: usize = 1024 * 1024;

/// What a plan needs of a `package.json`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct PackageJson {
    pub(crate) scripts: BTreeMap<String, String>,
    pub(crate) packages: BTreeSet<String>,
    pub(crate) package_manager: Option<String>,
    pub(crate) engines_node: Option<String>,
    pub(crate) is_workspace_root: bool,
}

impl PackageJson {
    /// Reads the bytes of the file at `path`, which is named in every refusal.
    pub(crate) fn parse(path: &RelPath, bytes: &[u8]) -> Result<Self, Failure> {
        let object = Reader { path }.object(bytes)?;
        let reader = Reader { path };
        Ok(Self {
            scripts: reader.scripts(&object)?,
            packages: reader.packages(&object)?,
            package_manager: reader.text(&object, "packageManager")?,
            engines_node: reader.engines_node(&object)?,
            is_workspace_root: object.contains_key("workspaces"),
        })
    }

    /// A script that has something to run.
    pub(crate) fn script(&self, name: &str) -> Option<&str> {
        self.scripts.get(name).map(String::as_str).filter(|script| !script.trim().is_empty())
    }

    /// Whether one of the dependencies is this package.
    pub(crate) fn has(&self, package: &str) -> bool {
        self.packages.contains(package)
    }
}

struct Reader<'a> {
    path: &'a RelPath,
}

impl Reader<'_> {
    fn wrong(&self, place: &str, want: &str) -> Failure {
        invalid(self.path, format!("{place} must be {want}"))
    }

    fn object(&self, bytes: &[u8]) -> Result<Map<String, Value>, Failure> {
        if bytes.len() > MAX_BYTES {
            return Err(invalid(self.path, "the file is larger than 1 MiB"));
        }
        if bytes.starts_with(b"\xef\xbb\xbf") {
            return Err(invalid(self.path, "the file begins with a byte order mark; save it as plain UTF-8"));
        }
        let value = serde_json::from_slice(bytes).map_err(|error| invalid(self.path, error))?;
        match value {
            Value::Object(object) => Ok(object),
            _ => Err(self.wrong("the file", "an object")),
        }
    }

    fn table<'a>(
        &self,
        object: &'a Map<String, Value>,
        name: &str,
    ) -> Result<Option<&'a Map<String, Value>>, Failure> {
        match object.get(name) {
            None | Some(Value::Null) => Ok(None),
            Some(Value::Object(table)) => Ok(Some(table)),
            Some(_) => Err(self.wrong(name, "an object")),
        }
    }

    fn text(&self, object: &Map<String, Value>, name: &str) -> Result<Option<String>, Failure> {
        match object.get(name) {
            None | Some(Value::Null) => Ok(None),
            Some(Value::String(text)) => Ok(Some(text.clone())),
            Some(_) => Err(self.wrong(name, "a text")),
        }
    }

    fn scripts(&self, object: &Map<String, Value>) -> Result<BTreeMap<String, String>, Failure> {
        let Some(table) = self.table(object, "scripts")? else {
            return Ok(BTreeMap::new());
        };
        let one = |(name, script): (&String, &Value)| match script {
            Value::String(script) => Ok((name.clone(), script.clone())),
            _ => Err(self.wrong(&format!("scripts.{}", quoted(name)), "a text")),
        };
        table.iter().map(one).collect()
    }

    fn packages(&self, object: &Map<String, Value>) -> Result<BTreeSet<String>, Failure> {
        let mut names = BTreeSet::new();
        for kind in ["dependencies", "devDependencies"] {
            names.extend(self.table(object, kind)?.into_iter().flat_map(Map::keys).cloned());
        }
        Ok(names)
    }

    /// `engines` was a list once, and is a wish: whatever else it is does not fail a build.
    fn engines_node(&self, object: &Map<String, Value>) -> Result<Option<String>, Failure> {
        match object.get("engines") {
            Some(Value::Object(engines)) => self.text(engines, "node"),
            _ => Ok(None),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use shipstack_types::Code;

    fn parse(text: &str) -> Result<PackageJson, Failure> {
        PackageJson::parse(&"package.json".parse().unwrap(), text.as_bytes())
    }

    #[test]
    fn what_cannot_be_read_is_named_with_its_place() {
        for (text, place) in [
            ("", "line 1"),
            ("{", "line 1"),
            ("{\n  \"scripts\": {,}\n}", "line 2"),
            ("[]", "the file must be an object"),
            ("null", "the file must be an object"),
            ("\u{feff}{}", "byte order mark"),
            ("{\"scripts\":\"x\"}", "scripts must be"),
            ("{\"scripts\":{\"build\":1}}", "build"),
            ("{\"dependencies\":[]}", "dependencies must be"),
            ("{\"devDependencies\":3}", "devDependencies must be"),
            ("{\"packageManager\":{}}", "packageManager must be"),
            ("{\"engines\":{\"node\":22}}", "node must be"),
        ] {
            let failure = parse(text).unwrap_err();
            assert_eq!(failure.code, Code::ProjectInvalid, "{text}");
            assert!(failure.message.starts_with("package.json: "), "{}", failure.message);
            assert!(failure.message.contains(place), "{text}: {}", failure.message);
        }
    }

    #[test]
    fn a_huge_or_deep_file_is_refused_and_costs_nothing() {
        assert!(parse(&" ".repeat(MAX_BYTES + 1)).unwrap_err().message.contains("1 MiB"));
        assert!(parse(&"[".repeat(100_000)).is_err());
        assert!(parse(&"{\"a\":".repeat(100_000)).is_err());
    }

    #[test]
    fn a_name_with_control_characters_does_not_reach_the_message() {
        let failure = parse("{\"scripts\":{\"a\\u001b[2J\\n\":1}}").unwrap_err();
        assert!(!failure.message.contains(['\u{1b}', '\n']), "{:?}", failure.message);
    }

    #[test]
    fn an_empty_script_is_none() {
        let package =
            parse("{\"scripts\":{\"build\":\"  \"},\"engines\":[\"node\"],\"scripts2\":1}").unwrap();
        assert_eq!(package.script("build"), None);
    }
}
