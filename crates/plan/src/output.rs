//! Where the artifacts will be.

use crate::framework::Preset;
use crate::project::Project;
use shipstack_types::{BuildOptions, OutputFolder, RelPath};

/// Folders that build scripts usually write to, most usual first (build.md §1).
const USUAL: &[&str] = &["dist", "build", "out", "_site", "public", "www"];

/// The folder of the options, else of the preset, else the usual ones.
pub(crate) fn output(project: &Project<'_>, options: &BuildOptions, preset: Option<&Preset>) -> OutputFolder {
    if let Some(output) = &options.output {
        return OutputFolder { candidates: vec![output.clone()], only_child: false };
    }
    let Some(preset) = preset else {
        return usual(project);
    };
    let configured = configured(project, preset);
    let usual = preset.outputs.iter().filter_map(|folder| folder.parse().ok());
    let candidates = configured.into_iter().chain(usual).collect();
    OutputFolder { candidates, only_child: preset.name == "angular" }
}

/// A folder that is in the source already is tried last: a committed `dist/` is source, and must not be taken for the
/// output of a build that writes to `build/` (contract §10).
fn usual(project: &Project<'_>) -> OutputFolder {
    let folders = || USUAL.iter().filter_map(|name| name.parse::<RelPath>().ok());
    let is_source = |folder: &RelPath| {
        let path = project.directory.join(folder);
        path.is_ok_and(|path| project.tree.get(&path).is_some())
    };
    let written = folders().filter(|folder| !is_source(folder));
    OutputFolder { candidates: written.chain(folders().filter(is_source)).collect(), only_child: false }
}

/// `outDir: '…'` of a Vite or Astro configuration, when it is a plain text.
fn configured(project: &Project<'_>, preset: &Preset) -> Option<RelPath> {
    let stem = match preset.name {
        "vite" => "vite.config",
        "astro" => "astro.config",
        _ => return None,
    };
    let text = project.config_text(stem);
    let (_, after) = text.split_once("outDir")?;
    let value = after.trim_start().strip_prefix(':')?.trim_start();
    let quote = value.chars().next().filter(|c| ['\'', '"', '`'].contains(c))?;
    let folder = value.get(1..)?.split(quote).next()?.trim_start_matches("./").trim_end_matches('/');
    folder.parse().ok().filter(|folder: &RelPath| !folder.is_root())
}
