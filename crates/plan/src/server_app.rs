//! Frameworks that are set up for a server: they would leave no folder to publish, so the plan says which setting to change.
//!
//! Configuration files are programs, and nothing of a project runs here: what counts is whether the setting's text is there.
//! A project that knows better names its output folder (`build.output`), and is believed.

use crate::fail::fail;
use crate::framework::Preset;
use crate::package_json::PackageJson;
use crate::project::Project;
use shipstack_types::{Code, Failure};

/// Refuses a project that builds a server.
pub(crate) fn check(project: &Project<'_>, preset: &Preset, command: &str) -> Result<(), Failure> {
    let Some((what, change)) = server(project, preset.name, command) else {
        return Ok(());
    };
    let message = format!("{what} builds a server here, not a site: {change}.");
    let remedy = format!(
        "To publish it as a site, {change}; or set build.output if the build does write a folder of files."
    );
    Err(fail(Code::ServerApp, message).remedy(remedy))
}

/// The framework's own name, and the setting that makes it write files.
fn server(project: &Project<'_>, preset: &str, command: &str) -> Option<(&'static str, &'static str)> {
    let config = |stem| Setting { text: project.config_text(stem) };
    let package = project.package.as_ref();
    let (is_static, what, change) = match preset {
        "next" => (next(project, package), "Next.js", "set output: 'export' in next.config"),
        "nuxt" => (
            command.contains("generate")
                || runs(package, "build", "generate")
                || config("nuxt.config").is("ssr", &["false"]),
            "Nuxt",
            "make the build script run nuxt generate, or set ssr: false in nuxt.config",
        ),
        "sveltekit" => (
            config("svelte.config").has("adapter-static"),
            "SvelteKit",
            "use @sveltejs/adapter-static as the adapter in svelte.config",
        ),
        "astro" => (
            !config("astro.config").is("output", &["'server'", "'hybrid'"]),
            "Astro",
            "remove output: 'server' from astro.config",
        ),
        "react-router" => (
            config("react-router.config").is("ssr", &["false"]),
            "React Router",
            "set ssr: false in react-router.config",
        ),
        "remix" => {
            (config("vite.config").is("ssr", &["false"]), "Remix", "set ssr: false for remix in vite.config")
        }
        "solid-start" => (
            config("app.config").is("preset", &["'static'"]) || config("app.config").is("ssr", &["false"]),
            "SolidStart",
            "set server: { preset: 'static' } in app.config",
        ),
        "tanstack-start" => {
            let vite = config("vite.config");
            (
                vite.has("prerender") || vite.has("spa"),
                "TanStack Start",
                "turn on prerender (or spa) in vite.config",
            )
        }
        "qwik" => (
            has_static_adapter(project) || runs(package, "build", "static"),
            "Qwik City",
            "add the static adapter (adapters/static)",
        ),
        _ => return None,
    };
    (!is_static).then_some((what, change))
}

fn next(project: &Project<'_>, package: Option<&PackageJson>) -> bool {
    let config = Setting { text: project.config_text("next.config") };
    config.is("output", &["'export'"]) || runs(package, "build", "next export")
}

fn has_static_adapter(project: &Project<'_>) -> bool {
    let folder = project.path("adapters/static");
    folder.is_some_and(|folder| project.tree.get(&folder).is_some())
}

fn runs(package: Option<&PackageJson>, script: &str, what: &str) -> bool {
    package.and_then(|package| package.script(script)).is_some_and(|script| script.contains(what))
}

/// The text of a configuration file, asked for `name: value`.
struct Setting {
    text: String,
}

impl Setting {
    fn has(&self, text: &str) -> bool {
        self.text.contains(text)
    }

    /// Whether `name` is set to one of these values, whatever the white space and the kind of quotes.
    fn is(&self, name: &str, values: &[&str]) -> bool {
        let packed: String = self.text.chars().filter(|c| !c.is_whitespace()).collect();
        let packed = packed.replace(['"', '`'], "'");
        values.iter().any(|value| {
            packed.contains(&format!("{name}:{value}")) || packed.contains(&format!("{name}':{value}"))
        })
    }
}
