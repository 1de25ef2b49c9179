//! The decision itself, in the order of build.md §1.

use crate::fail::fail;
use crate::framework::{Preset, detect, detect_program};
use crate::inventory::{ToolInventory, npm_of};
use crate::manager::{self, ManagerChoice};
use crate::node;
use crate::output::output;
use crate::package_json::PackageJson;
use crate::project::Project;
use crate::{server_app, shipstack_toml, static_site};
use shipstack_types::{BuildOptions, BuildPlan, BuildStep, Code, Failure, PlanKind, RelPath, SourceTree};

/// Decides what to build. `request` are the options of the request and the project; those of the repository's own
/// `shipstack.toml` stand below them.
pub fn decide(
    tree: &SourceTree,
    request: &BuildOptions,
    image: &ToolInventory,
) -> Result<BuildPlan, Failure> {
    let options = shipstack_toml::effective_options(tree, request)?;
    let project = Project::open(tree, options.directory.clone().unwrap_or_default())?;
    let plan = match &project.package {
        Some(package) => of_package(&project, package, &options, image)?,
        None => of_files(&project, &options, image)?,
    };
    Ok(with_the_npm_of_its_node(BuildPlan { env: options.env, egress: options.egress, ..plan }))
}

/// npm comes with each Node of the image, so its major follows whatever was chosen.
fn with_the_npm_of_its_node(mut plan: BuildPlan) -> BuildPlan {
    if let (Some(manager), Some(node)) = (&mut plan.package_manager, plan.node)
        && manager.name == "npm"
    {
        manager.major = npm_of(node);
    }
    plan
}

/// The plan of a finished site: published as it is, whatever is in it.
pub fn prebuilt(tree: &SourceTree, request: &BuildOptions) -> Result<BuildPlan, Failure> {
    let directory = request.directory.clone().unwrap_or_default();
    let project = Project::open_finished(tree, directory.clone())?;
    let from = match &request.output {
        Some(_) => return static_site::plan(&project, request),
        None => directory.clone(),
    };
    Ok(static_site::published(directory, from))
}

/// Without a `package.json`: a command of the options, a program of the image, or a site that is there already.
fn of_files(
    project: &Project<'_>,
    options: &BuildOptions,
    image: &ToolInventory,
) -> Result<BuildPlan, Failure> {
    if let Some(command) = &options.command {
        return of_command(project, options, image, command);
    }
    match detect_program(project) {
        Some(preset) if options.output.is_none() => of_program(project, options, preset, image),
        _ => static_site::plan(project, options),
    }
}

/// With a `package.json`: its build script or its framework's command; without either as if it were not there.
fn of_package(
    project: &Project<'_>,
    package: &PackageJson,
    options: &BuildOptions,
    image: &ToolInventory,
) -> Result<BuildPlan, Failure> {
    let preset = detect(project);
    if options.command.is_none() && package.script("build").is_none() && preset.is_none() {
        return of_files(project, options, image);
    }
    let manager = manager::choose(project, image)?;
    let node = node::choose(project, options, image)?;
    let command = build_command(project, options, preset, &manager);
    if let Some(preset) = preset.filter(|_| options.output.is_none()) {
        server_app::check(project, preset, &command)?;
    }
    let install = options.install.clone().unwrap_or_else(|| manager.install());
    let install_in = if options.install.is_some() { &project.directory } else { &manager.install_in };
    Ok(BuildPlan {
        framework: preset.map(|preset| preset.name.to_owned()),
        node: Some(node.major),
        steps: PlanKind::Build {
            install: Some(step(install_in, &install)),
            build: step(&project.directory, &command),
            output: output(project, options, preset),
        },
        notes: node.note.into_iter().chain(manager.notes).collect(),
        package_manager: Some(manager.manager),
        ..static_site::published(project.directory.clone(), RelPath::root())
    })
}

/// The options' command, the project's own script, the preset's program: the nearer one wins.
fn build_command(
    project: &Project<'_>,
    options: &BuildOptions,
    preset: Option<&Preset>,
    manager: &ManagerChoice,
) -> String {
    if let Some(command) = &options.command {
        return command.clone();
    }
    let script = |name| project.package.as_ref().and_then(|package| package.script(name));
    // Nuxt's own template has both scripts, and its `build` makes a server.
    let is_nuxt = preset.is_some_and(|preset| preset.name == "nuxt");
    if is_nuxt && script("generate").is_some() {
        return manager.run_script("generate");
    }
    match (script("build"), preset) {
        (None, Some(preset)) => manager.run_program(&preset_command(project, preset)),
        _ => manager.run_script("build"),
    }
}

fn preset_command(project: &Project<'_>, preset: &Preset) -> String {
    let has_docs = project.path("docs/.vitepress").is_some_and(|folder| project.tree.get(&folder).is_some());
    let folder = if preset.name == "vitepress" && has_docs { " docs" } else { "" };
    format!("{}{folder}", preset.command)
}

/// A build that is nothing but the commands of the options.
fn of_command(
    project: &Project<'_>,
    options: &BuildOptions,
    image: &ToolInventory,
    command: &str,
) -> Result<BuildPlan, Failure> {
    let node = node::choose(project, options, image)?;
    Ok(BuildPlan {
        node: Some(node.major),
        steps: PlanKind::Build {
            install: options.install.as_deref().map(|install| step(&project.directory, install)),
            build: step(&project.directory, command),
            output: output(project, options, None),
        },
        notes: node.note.into_iter().collect(),
        ..static_site::published(project.directory.clone(), RelPath::root())
    })
}

/// A generator that is a program of the image and no package.
fn of_program(
    project: &Project<'_>,
    options: &BuildOptions,
    preset: &Preset,
    image: &ToolInventory,
) -> Result<BuildPlan, Failure> {
    if !image.has_program(preset.name) {
        let there = image.describe();
        let message =
            format!("This is a {} site, and the builder image lacks {0}. It has: {there}.", preset.name);
        let remedy = "Publish the built folder (prebuilt), set build.command to one that brings the tool along, or let the \
                      operator use an image that has it.";
        return Err(fail(Code::ToolchainUnavailable, message).remedy(remedy));
    }
    let steps = PlanKind::Build {
        install: options.install.as_deref().map(|install| step(&project.directory, install)),
        build: step(&project.directory, preset.command),
        output: output(project, options, Some(preset)),
    };
    let framework = Some(preset.name.to_owned());
    Ok(BuildPlan { framework, steps, ..static_site::published(project.directory.clone(), RelPath::root()) })
}

fn step(directory: &RelPath, command: &str) -> BuildStep {
    BuildStep { command: command.to_owned(), directory: directory.clone() }
}
