//! Which framework a project uses.

use super::{Detect, PRESETS, Preset};
use crate::project::Project;

/// The first preset of a package that matches.
pub(crate) fn detect(project: &Project<'_>) -> Option<&'static Preset> {
    let packages = || PRESETS.iter().filter(|preset| !preset.needs_program);
    let last_resort = |preset: &&Preset| matches!(preset.detect, Detect::LastResort(_));
    let first =
        packages().filter(|preset| !last_resort(preset)).find(|preset| matches(project, preset.detect));
    first.or_else(|| packages().filter(last_resort).find(|preset| matches(project, preset.detect)))
}

/// The first preset of a program of the image that matches.
pub(crate) fn detect_program(project: &Project<'_>) -> Option<&'static Preset> {
    PRESETS.iter().filter(|preset| preset.needs_program).find(|preset| matches(project, preset.detect))
}

fn matches(project: &Project<'_>, detect: Detect) -> bool {
    match detect {
        Detect::Packages(names) => names.iter().any(|name| project.has_package(name)),
        Detect::Both(name, others) => {
            project.has_package(name) && others.iter().any(|other| project.has_package(other))
        }
        Detect::LastResort(name) => project.has_package(name),
        Detect::ReactRouter => is_react_router(project),
        Detect::Config { names, or_stem, naming } => {
            names.iter().any(|name| project.has_file(name))
                || or_stem.is_some_and(|stem| config_names(project, stem, naming))
        }
    }
}

/// As a framework: the library of the same name is used by plain Vite projects too.
fn is_react_router(project: &Project<'_>) -> bool {
    !project.files_of_stem("react-router.config").is_empty()
        || project.config_text("vite.config").contains("@react-router/dev/vite")
}

fn config_names(project: &Project<'_>, stem: &str, naming: &str) -> bool {
    let texts = ["toml", "yaml", "yml", "json"].map(|extension| project.text(&format!("{stem}.{extension}")));
    texts.into_iter().flatten().any(|text| text.contains(naming))
}
