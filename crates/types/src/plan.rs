//! What to build, as data: decided by `plan`, carried out by `deploy-worker`, stored in the result.

use crate::{EgressOptions, RelPath};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// A package manager with its major version, written `npm@10`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct PackageManager {
    /// `npm`, `pnpm`, `yarn` or `bun`.
    pub name: String,
    /// The major version.
    pub major: u32,
}

impl From<PackageManager> for String {
    fn from(manager: PackageManager) -> Self {
        format!("{}@{}", manager.name, manager.major)
    }
}

impl TryFrom<String> for PackageManager {
    type Error = &'static str;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        let (name, major) = text.rsplit_once('@').ok_or("not name@major")?;
        let major = major.parse().map_err(|_| "not name@major")?;
        Ok(Self { name: name.to_owned(), major })
    }
}

/// The name of a preset of `frameworks.tsv`, such as `vite`.
pub type Framework = String;

/// One command in the sandbox.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct BuildStep {
    /// The command, for `sh -c` in the sandbox.
    pub command: String,
    /// Where it runs, from the root of the source.
    pub directory: RelPath,
}

/// Where the artifacts will be, from `BuildPlan::directory`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct OutputFolder {
    /// The first that exists counts; with more than one, the first that holds an `index.html`.
    pub candidates: Vec<RelPath>,
    /// Whether the only folder inside the candidate may be the real one (Angular's `dist/<only child>/browser`).
    #[serde(default)]
    pub only_child: bool,
}

/// How the artifacts come about.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "camelCase")]
pub enum PlanKind {
    /// The source is the site: published from this folder, without a container.
    Static {
        /// The folder to publish, from the root of the source.
        from: RelPath,
    },
    /// Install and build in a sandbox.
    Build {
        /// The install command, when there is something to install.
        install: Option<BuildStep>,
        /// The build command.
        build: BuildStep,
        /// Where the artifacts will be.
        output: OutputFolder,
    },
}

/// The effective plan: the first thing in the log, and stored in the result.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct BuildPlan {
    /// The folder of the project, from the root of the source.
    pub directory: RelPath,
    /// The framework found, if any.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub framework: Option<Framework>,
    /// The package manager; `None` for a static site.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub package_manager: Option<PackageManager>,
    /// The Node major; `None` for a static site.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub node: Option<u32>,
    /// What is done.
    pub steps: PlanKind,
    /// Variables of install and build, from the project and the request.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub env: BTreeMap<String, String>,
    /// What install and build may ask of the network, from the project and the request.
    #[serde(default, skip_serializing_if = "EgressOptions::is_empty")]
    pub egress: EgressOptions,
    /// What a person should know about the choice: no lockfile, an ignored file.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub notes: Vec<String>,
}
