//! Cases that are a project each.

use super::catalogue::cases;
use crate::fixture::Fixture;
use crate::platform::Platform;
use futures_util::{StreamExt, stream};
use serde::Deserialize;
use std::collections::BTreeMap;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Case {
    row: u16,
    name: String,
    /// The build script, for `sh`.
    build: Option<String>,
    #[serde(default)]
    files: BTreeMap<String, String>,
    /// The code of the failure, or `deployed`.
    ends: String,
    says: Option<String>,
    not: Option<String>,
}

/// Deploys every project of the file; answers how many there were, and what was wrong.
pub(crate) async fn run(platform: &Platform) -> (usize, Vec<String>) {
    let cases: Vec<Case> = cases("projects.toml");
    // Twice the slots: while two are built, two are taken in.
    let judged = stream::iter(&cases).map(|case| case.judge(platform)).buffer_unordered(4);
    let wrong = judged.filter_map(|wrong| async { wrong }).collect().await;
    (cases.len(), wrong)
}

impl Case {
    async fn judge(&self, platform: &Platform) -> Option<String> {
        let id = platform.deploy_archive("", &self.project()).await;
        let deployment = platform.ended(&id).await;
        platform.leaves_nothing(&id).await;
        let log = platform.log(&id).await;
        let seen = format!("{}\n{log}", deployment["failure"]);
        let end = deployment["failure"]["code"].as_str().or(deployment["status"].as_str());
        let is_right = end == Some(self.ends.as_str())
            && self.says.as_ref().is_none_or(|words| seen.contains(words.as_str()))
            && !self.not.as_ref().is_some_and(|words| seen.contains(words.as_str()));
        (!is_right).then(|| format!("projects row {} ({}): {end:?}\n{seen}", self.row, self.name))
    }

    fn project(&self) -> Fixture {
        let mut project = Fixture::default();
        if let Some(build) = &self.build {
            let package = br#"{ "private": true, "scripts": { "build": "sh build.sh" } }"#;
            project = project.with("package.json", package).with("build.sh", build.as_bytes());
        }
        self.files.iter().fold(project, |project, (name, content)| project.with(name, content.as_bytes()))
    }
}
