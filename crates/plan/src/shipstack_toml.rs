//! `shipstack.toml`: what a repository says about its own build and site. The request's options stand above it.

use crate::fail::{invalid, quoted_reason};
use crate::project::below;
use serde::Deserialize;
use shipstack_types::{BuildOptions, BuildPlan, Failure, RelPath, SiteRules, SourceTree, SpaMode, TreeEntry};

const NAME: &str = "shipstack.toml";
/// Largest file that is read.
const MAX_BYTES: usize = 64 * 1024;

#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    #[serde(default)]
    build: BuildOptions,
    #[serde(default)]
    site: SiteTable,
}

#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
struct SiteTable {
    spa: Option<SpaMode>,
    clean_urls: Option<bool>,
    /// Read and checked here, used with `_redirects`.
    #[serde(rename = "redirects_dialect")]
    _redirects_dialect: Option<Dialect>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "lowercase")]
enum Dialect {
    Netlify,
    Cloudflare,
}

/// The effective options: the request's over those of the `shipstack.toml` in the project's folder, else in the root.
pub(crate) fn effective_options(tree: &SourceTree, request: &BuildOptions) -> Result<BuildOptions, Failure> {
    Ok(request.over(&read(tree, request.directory.as_ref())?.build))
}

/// The rules that are frozen into the manifest at publish: those of the `shipstack.toml` in the plan's folder, else in the
/// root, else the defaults.
pub fn site_rules(tree: &SourceTree, plan: &BuildPlan) -> Result<SiteRules, Failure> {
    let site = read(tree, Some(&plan.directory))?.site;
    let defaults = SiteRules::default();
    Ok(SiteRules {
        spa: site.spa.unwrap_or(defaults.spa),
        clean_urls: site.clean_urls.unwrap_or(defaults.clean_urls),
    })
}

fn read(tree: &SourceTree, directory: Option<&RelPath>) -> Result<File, Failure> {
    let of_project = directory.and_then(|directory| below(directory, NAME));
    let of_root = below(&RelPath::root(), NAME);
    let found = of_project.into_iter().chain(of_root).find(|path| tree.get(path).is_some());
    found.map_or_else(|| Ok(File::default()), |path| read_file(tree, &path))
}

fn read_file(tree: &SourceTree, path: &RelPath) -> Result<File, Failure> {
    if !matches!(tree.get(path), Some(TreeEntry::File { .. })) {
        return Err(invalid(path, "it must be a regular file"));
    }
    let bytes = tree.content(path).filter(|bytes| bytes.len() <= MAX_BYTES);
    let bytes = bytes.ok_or_else(|| invalid(path, "the file is larger than 64 KiB"))?;
    let text = std::str::from_utf8(bytes).map_err(|_| invalid(path, "the file is not UTF-8"))?;
    let file: File = toml::from_str(text).map_err(|error| invalid(path, describe(text, &error)))?;
    file.build.check().map_err(|error| invalid(path, error))?;
    Ok(file)
}

/// The library's own text repeats lines of the file; a line number and its reason are enough.
fn describe(text: &str, error: &toml::de::Error) -> String {
    let before = error.span().and_then(|span| text.get(..span.start));
    let line = before.map_or(1, |before| before.matches('\n').count() + 1);
    format!("line {line}: {}", quoted_reason(error.message()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use shipstack_types::Code;

    fn tree(text: &str) -> SourceTree {
        let mut tree = SourceTree::default();
        tree.add_content(NAME.parse().unwrap(), text.as_bytes().to_vec());
        tree
    }

    fn plan_in_root() -> BuildPlan {
        crate::static_site::published(RelPath::root(), RelPath::root())
    }

    #[test]
    fn the_request_stands_above_the_file() {
        let tree = tree("[build]\ncommand = \"make\"\noutput = \"www\"\n[build.env]\nA = \"file\"\n");
        let request = BuildOptions { command: Some("just".into()), ..BuildOptions::default() };
        let options = effective_options(&tree, &request).unwrap();
        assert_eq!(options.command.as_deref(), Some("just"));
        assert_eq!(options.output.unwrap().as_str(), "www");
        assert_eq!(options.env.get("A").map(String::as_str), Some("file"));
    }

    #[test]
    fn a_field_that_is_not_known_is_told_with_every_one_that_is() {
        let failure = effective_options(&tree("[build]\ncomand = \"make\"\n"), &BuildOptions::default());
        let said = failure.unwrap_err().message;
        assert!(said.starts_with("shipstack.toml: line 2: ") && !said.contains('…'), "{said}");
        for name in ["comand", "directory", "install", "command", "output", "node", "env", "egress"] {
            assert!(said.contains(&format!("`{name}`")), "{name}: {said}");
        }
    }

    #[test]
    fn of_the_network_the_tighter_of_file_and_request_counts() {
        let tree = tree("[build.egress]\nnetwork = \"install-only\"\nmax_received_bytes = 10\n");
        let asked =
            |json| BuildOptions { egress: serde_json::from_str(json).unwrap(), ..BuildOptions::default() };
        let options = effective_options(&tree, &asked(r#"{"network":"open","maxReceivedBytes":5}"#)).unwrap();
        assert_eq!(options.egress, asked(r#"{"network":"install-only","maxReceivedBytes":5}"#).egress);
        let options = effective_options(&tree, &asked(r#"{"network":"none"}"#)).unwrap();
        assert_eq!(options.egress, asked(r#"{"network":"none","maxReceivedBytes":10}"#).egress);
    }

    #[test]
    fn site_rules_are_the_files_or_the_defaults() {
        let rules_of = |tree: SourceTree| site_rules(&tree, &plan_in_root()).unwrap();
        let rules = rules_of(tree("[site]\nspa = \"off\"\nclean_urls = false\n"));
        assert_eq!(rules, SiteRules { spa: SpaMode::Off, clean_urls: false });
        assert_eq!(rules_of(SourceTree::default()), SiteRules::default());
    }

    #[test]
    fn what_is_wrong_is_named_with_its_line() {
        for (text, place) in [
            ("[build]\ncomand = \"x\"", "line 2"),
            ("[build\n", "line 1"),
            ("[build]\noutput = \"../..\"", "line 2"),
            ("[build]\ncommand = \"\"", "build.command"),
            ("[build.env]\n\"1A\" = \"x\"", "build.env.1A"),
            ("[site]\nspa = \"perhaps\"", "line 2"),
            ("[site]\nredirects_dialect = \"apache\"", "line 2"),
            ("[build.egress]\nnetwork = \"bridge\"", "line 2"),
            ("[build.egress]\nhosts = []", "build.egress.hosts"),
            ("[deploy]\n", "line 1"),
        ] {
            let failure = effective_options(&tree(text), &BuildOptions::default()).unwrap_err();
            assert_eq!(failure.code, Code::ProjectInvalid, "{text}");
            assert!(failure.message.contains("shipstack.toml"), "{}", failure.message);
            assert!(failure.message.contains(place), "{text}: {}", failure.message);
        }
    }
}
