//! A plan in one line for a person.

use shipstack_types::{BuildPlan, PlanKind};

/// Framework, tools and what will be run, as the log and `shipstack plan` begin.
#[must_use]
pub fn describe(plan: &BuildPlan) -> String {
    let what = match &plan.steps {
        PlanKind::Static { from } if from.is_root() => "published as it is".to_owned(),
        PlanKind::Static { from } => format!("{from}/ is published as it is"),
        PlanKind::Build { install, build, .. } => {
            let install = install.as_ref().map_or("no install".to_owned(), |step| step.command.clone());
            format!("install: {install} · build: {}", build.command)
        }
    };
    let framework = plan.framework.as_deref().unwrap_or("no framework");
    let node = plan.node.map(|major| format!(" · Node {major}")).unwrap_or_default();
    let manager = plan.package_manager.clone();
    let manager = manager.map(|manager| format!(" · {}", String::from(manager))).unwrap_or_default();
    format!("{framework}{node}{manager} · {what}")
}
