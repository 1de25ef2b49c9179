//! `shipstack plan`: what would be built, without building it and without a server.
//!
//! The folder is packed, taken in and read by the very code that does it in a deployment, so that the answer is the one
//! that a deployment would get.

use std::path::PathBuf;

use anyhow::{Context as _, anyhow, bail};
use clap::Args;
use shipstack_plan::ToolInventory;
use shipstack_source::{ArchiveIntake, Spool, receive_archive};
use shipstack_types::{BuildOptions, BuildPlan, BuildStep, PlanKind, PlanView, SourceTree};
use tokio_util::io::ReaderStream;

use crate::Exit;
use crate::builder::VERSIONS;
use crate::console::{AnswerAs, answer, answer_json, tell};
use crate::deploy::{BuildArgs, Contents, pack};
use crate::terminal_text::sentences;

/// What is looked at.
#[derive(Args, Debug)]
pub(crate) struct PlanArgs {
    /// Folder of the project
    #[arg(default_value = ".")]
    folder: PathBuf,

    #[command(flatten)]
    build: BuildArgs,
}

/// Says what would be run; a project that cannot be built is told what is wrong with it.
pub(crate) async fn run(args: &PlanArgs, answer_as: AnswerAs) -> anyhow::Result<Exit> {
    let options: BuildOptions = serde_json::from_value(args.build.as_json())?;
    options.check().map_err(|why| anyhow!("{why}"))?;
    let tree = tree_of(args.folder.clone()).await?;
    match shipstack_plan::decide(&tree, &options, &inventory()) {
        // As the API shows it, so that a script reads both alike.
        Ok(plan) if answer_as == AnswerAs::Json => answer_json(&PlanView::from(plan)),
        Ok(plan) => lines(&plan).iter().for_each(|line| answer(line)),
        Err(failure) => {
            if answer_as == AnswerAs::Json {
                answer_json(&failure);
            }
            tell(&format!("{}: {}", failure.code, sentences(&failure.message, &failure.remedy)));
            return Ok(Exit::Failed);
        }
    }
    Ok(Exit::Done)
}

async fn tree_of(folder: PathBuf) -> anyhow::Result<SourceTree> {
    let shown = folder.display().to_string();
    if !folder.is_dir() {
        bail!("{shown} is no folder");
    }
    let packed = pack(folder, Contents::Source).await.with_context(|| format!("cannot read {shown}"))?;
    let place = tempfile::tempdir()?;
    let base = place.path().to_owned();
    let spool = tokio::task::spawn_blocking(move || Spool::open(&base)).await??;
    let body = ReaderStream::new(tokio::fs::File::from_std(packed.into_file()));
    let snapshot = receive_archive(body, ArchiveIntake::default(), &spool).await?;
    Ok(snapshot.into_reader().read_tree(shipstack_plan::reads).await?)
}

/// What the builder image of this release has; an operator's own image may have more or less.
fn inventory() -> ToolInventory {
    let tools = VERSIONS.lines().filter_map(|line| {
        let (name, major) = line.split_whitespace().next()?.split_once('/')?;
        Some((name, major.parse().ok()?))
    });
    ToolInventory::of_tools(tools)
}

fn lines(plan: &BuildPlan) -> Vec<String> {
    let mut lines = vec![shipstack_plan::describe(plan)];
    if let PlanKind::Build { install, build, output } = &plan.steps {
        lines.extend(install.as_ref().map(|step| step_line("install", step)));
        lines.push(step_line("build", build));
        let folders: Vec<String> = output.candidates.iter().map(ToString::to_string).collect();
        lines.push(format!("{:<8} {}", "output", folders.join(", ")));
    }
    lines.extend(plan.notes.iter().map(|note| format!("{:<8} {note}", "note")));
    lines
}

fn step_line(name: &str, step: &BuildStep) -> String {
    let place = if step.directory.is_root() { String::new() } else { format!("   (in {}/)", step.directory) };
    format!("{name:<8} {}{place}", step.command)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_builder_image_of_this_release_has_the_default_node_and_every_manager() {
        let inventory = inventory();
        assert!(inventory.node.iter().any(|version| version.major == shipstack_plan::DEFAULT_NODE));
        for manager in ["npm", "pnpm", "yarn", "bun"] {
            assert!(!inventory.majors_of(manager).is_empty(), "{manager}");
        }
    }
}
