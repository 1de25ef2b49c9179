//! What the builder image carries, as far as a plan depends on it.

use crate::version::Version;
use serde::{Deserialize, Serialize};

/// The Node major of a project that names none (build.md §1).
pub const DEFAULT_NODE: u32 = 22;

/// Variables that every install and build gets, so that tools behave as on a build server: no questions, no
/// advertisements, no telemetry, and no package manager that downloads another version of itself.
pub const TOOL_VARIABLES: &[(&str, &str)] = &[
    ("CI", "true"),
    ("npm_config_fund", "false"),
    ("npm_config_audit", "false"),
    ("npm_config_update_notifier", "false"),
    ("npm_config_manage_package_manager_versions", "false"),
    ("COREPACK_ENABLE_DOWNLOAD_PROMPT", "0"),
    ("YARN_ENABLE_TELEMETRY", "0"),
    ("NEXT_TELEMETRY_DISABLED", "1"),
    ("ASTRO_TELEMETRY_DISABLED", "1"),
    ("GATSBY_TELEMETRY_DISABLED", "1"),
    ("NUXT_TELEMETRY_DISABLED", "1"),
    ("STORYBOOK_DISABLE_TELEMETRY", "1"),
    ("DO_NOT_TRACK", "1"),
];

/// The tools of a builder image. Also the form of the image's own description of itself.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub struct ToolInventory {
    /// Versions of Node, one for each major.
    pub node: Vec<Version>,
    /// Majors of npm.
    pub npm: Vec<u32>,
    /// Majors of pnpm.
    pub pnpm: Vec<u32>,
    /// Majors of yarn; 1 is classic, from 2 on it is berry.
    pub yarn: Vec<u32>,
    /// Majors of bun.
    pub bun: Vec<u32>,
    /// Other programs by the name of their preset: `hugo`, `jekyll`, `zola`, `mkdocs`.
    pub programs: Vec<String>,
}

impl ToolInventory {
    /// From the tools of an image by name and major version, as its label and `deploy/builder/versions` have them.
    #[must_use]
    pub fn of_tools<'a>(tools: impl IntoIterator<Item = (&'a str, u32)>) -> Self {
        let mut inventory = Self::default();
        for (name, major) in tools {
            match name {
                // The image carries the newest release of a major; what a project asks of minor versions is met.
                "node" => {
                    inventory.node.push(Version::new(major, u32::MAX, 0));
                    inventory.npm.push(npm_of(major));
                }
                "pnpm" => inventory.pnpm.push(major),
                "yarn" => inventory.yarn.push(major),
                "bun" => inventory.bun.push(major),
                _ => inventory.programs.push(name.to_owned()),
            }
        }
        inventory
    }

    /// Majors of a package manager by its name; none for a name that is not known.
    #[must_use]
    pub fn majors_of(&self, manager: &str) -> &[u32] {
        match manager {
            "npm" => &self.npm,
            "pnpm" => &self.pnpm,
            "yarn" => &self.yarn,
            "bun" => &self.bun,
            _ => &[],
        }
    }

    /// Whether another program is there.
    #[must_use]
    pub fn has_program(&self, name: &str) -> bool {
        self.programs.iter().any(|program| program == name)
    }

    /// One line for a person: what the image has.
    #[must_use]
    pub fn describe(&self) -> String {
        let mut words = vec![format!("Node {}", list(self.node.iter().map(|version| version.major)))];
        let managers = ["npm", "pnpm", "yarn", "bun"].map(|name| (name, self.majors_of(name)));
        let managers = managers.into_iter().filter(|(_, majors)| !majors.is_empty());
        words.extend(managers.map(|(name, majors)| format!("{name} {}", list(majors.iter().copied()))));
        words.extend(self.programs.iter().cloned());
        words.join("; ")
    }
}

/// The major of the npm that comes with a Node.
pub(crate) fn npm_of(node: u32) -> u32 {
    if node < 24 { 10 } else { 11 }
}

/// Majors as text, ascending.
pub(crate) fn list(majors: impl Iterator<Item = u32>) -> String {
    let mut majors: Vec<u32> = majors.collect();
    majors.sort_unstable();
    majors.dedup();
    let words: Vec<String> = majors.iter().map(u32::to_string).collect();
    if words.is_empty() { "none".to_owned() } else { words.join(", ") }
}
