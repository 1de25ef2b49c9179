//! A plan as clients see it: the commands and folders, without the variables (users put secrets there).

use crate::{BuildPlan, Framework, PackageManager, PlanKind, RelPath};
use serde::{Deserialize, Serialize};

/// What was, or will be, done to build a deployment (contract §6).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase")]
pub struct PlanView {
    /// The framework found, if any.
    pub framework: Option<Framework>,
    /// The package manager; `null` for a static site.
    pub package_manager: Option<PackageManager>,
    /// The Node major, such as `22`; `null` for a static site.
    pub node: Option<String>,
    /// The folder of the project, from the root of the source.
    pub directory: RelPath,
    /// The install command, when there is something to install.
    pub install: Option<String>,
    /// The build command; `null` for a static site, which is published as it is.
    pub command: Option<String>,
    /// The folder that is published: from `directory` for a build, from the root of the source for a static site.
    pub output: RelPath,
    /// What a person should know about the choice: no lockfile, an ignored file.
    #[serde(default)]
    pub notes: Vec<String>,
}

impl From<BuildPlan> for PlanView {
    fn from(plan: BuildPlan) -> Self {
        let (install, command, output) = match plan.steps {
            PlanKind::Static { from } => (None, None, from),
            PlanKind::Build { install, build, output } => {
                let first = output.candidates.into_iter().next().unwrap_or_default();
                (install.map(|step| step.command), Some(build.command), first)
            }
        };
        Self {
            framework: plan.framework,
            package_manager: plan.package_manager,
            node: plan.node.map(|major| major.to_string()),
            directory: plan.directory,
            install,
            command,
            output,
            notes: plan.notes,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{BuildStep, OutputFolder};

    #[test]
    fn a_plan_reads_as_the_contract_shows_it_and_keeps_its_variables_to_itself() {
        let step = |command: &str| BuildStep { command: command.into(), directory: RelPath::root() };
        let output = OutputFolder { candidates: vec!["dist".parse().unwrap()], only_child: false };
        let plan = BuildPlan {
            directory: RelPath::root(),
            framework: Some("vite".into()),
            package_manager: Some("npm@10".to_owned().try_into().unwrap()),
            node: Some(22),
            steps: PlanKind::Build { install: Some(step("npm ci")), build: step("npm run build"), output },
            env: [("TOKEN".to_owned(), "hunter2".to_owned())].into(),
            egress: crate::EgressOptions::default(),
            notes: Vec::new(),
        };
        let json = serde_json::to_value(PlanView::from(plan)).unwrap();
        for (field, value) in [
            ("framework", "vite"),
            ("packageManager", "npm@10"),
            ("node", "22"),
            ("install", "npm ci"),
            ("command", "npm run build"),
            ("output", "dist"),
        ] {
            assert_eq!(json[field], value);
        }
        assert!(!json.to_string().contains("hunter2"));
    }
}
