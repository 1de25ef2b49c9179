//! Sites that are there already: published as they are, without a container.

use crate::fail::{fail, folder_name};
use crate::project::{Project, below};
use shipstack_types::{BuildOptions, BuildPlan, Code, EgressOptions, Failure, PlanKind, RelPath};

/// Where an `index.html` is looked for, from the project's folder (build.md §1).
const FOLDERS: &[&str] = &["", "public", "dist", "docs"];

/// The folder to publish: the options' own, else the first with an `index.html`; else a failure that lists where it looked.
pub(crate) fn plan(project: &Project<'_>, options: &BuildOptions) -> Result<BuildPlan, Failure> {
    let from = match &options.output {
        Some(output) => named(project, output)?,
        None => found(project).ok_or_else(|| no_site(project))?,
    };
    Ok(published(project.directory.clone(), from))
}

/// The plan that publishes a folder as it is.
pub(crate) fn published(directory: RelPath, from: RelPath) -> BuildPlan {
    let steps = PlanKind::Static { from };
    BuildPlan {
        directory,
        framework: None,
        package_manager: None,
        node: None,
        steps,
        env: std::collections::BTreeMap::new(),
        egress: EgressOptions::default(),
        notes: Vec::new(),
    }
}

fn found(project: &Project<'_>) -> Option<RelPath> {
    let folders = FOLDERS.iter().filter_map(|folder| project.path(folder));
    folders
        .into_iter()
        .find(|folder| below(folder, "index.html").is_some_and(|path| project.tree.has_file(&path)))
}

fn named(project: &Project<'_>, output: &RelPath) -> Result<RelPath, Failure> {
    let folder = project.directory.join(output).ok();
    let there =
        |folder: &RelPath| matches!(project.tree.get(folder), Some(shipstack_types::TreeEntry::Folder));
    folder.filter(there).ok_or_else(|| {
        let message = format!(
            "build.output names {output}/, which is no folder of the source, and nothing is built here."
        );
        fail(Code::NoSite, message)
    })
}

fn no_site(project: &Project<'_>) -> Failure {
    let place = folder_name(&project.directory);
    let looked = "index.html, public/index.html, dist/index.html and docs/index.html";
    let message = match project.package {
        None => format!(
            "No package.json and no index.html was found. Looked in {place} for package.json, {looked}."
        ),
        Some(_) => format!(
            "package.json has no build script and names no known framework, and no index.html was found. Looked in {place} for {looked}."
        ),
    };
    let remedy = "Set build.directory to the folder of the project, or give package.json a build script; folders with a \
                  package.json: ";
    let others = other_projects(project);
    let others = if others.is_empty() { "none".to_owned() } else { others.join(", ") };
    fail(Code::NoSite, message).remedy(format!("{remedy}{others}."))
}

/// Where else a project might be: a person who forgot `build.directory` finds it named.
fn other_projects(project: &Project<'_>) -> Vec<String> {
    let wanted = project.tree.entries().map(|(path, _)| path);
    let wanted =
        wanted.filter(|path| path.name() == "package.json" && !path.segments().any(|s| s == "node_modules"));
    wanted
        .filter_map(RelPath::parent)
        .filter(|folder| !folder.is_root())
        .take(5)
        .map(|f| f.to_string())
        .collect()
}
