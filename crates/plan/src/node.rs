//! Which Node major builds a project: `.nvmrc` or `.node-version`, then `engines.node`, then the default.

use crate::fail::{fail, quoted};
use crate::inventory::{DEFAULT_NODE, ToolInventory};
use crate::project::{Project, below, text};
use crate::range::Range;
use crate::version::Version;
use shipstack_types::{BuildOptions, Code, Failure};

/// Longest line of a version file that is looked at; a version is far shorter.
const MAX_WISH: usize = 256;
/// Names of the long-term lines, which `.nvmrc` may use (nodejs.org/en/about/previous-releases).
const LTS_NAMES: &[(&str, u32)] =
    &[("fermium", 14), ("gallium", 16), ("hydrogen", 18), ("iron", 20), ("jod", 22), ("krypton", 24)];

/// What a project asks for, and where it says so.
struct Wish {
    text: String,
    place: String,
}

/// The chosen major, and a note where the choice needs one.
#[derive(Debug)]
pub(crate) struct NodeChoice {
    pub(crate) major: u32,
    pub(crate) note: Option<String>,
}

/// Chooses among the majors of the image; a wish that none of them meets is a failure that lists them.
pub(crate) fn choose(
    project: &Project<'_>,
    options: &BuildOptions,
    image: &ToolInventory,
) -> Result<NodeChoice, Failure> {
    let Some(wish) = wish(project, options) else {
        return default_of(image);
    };
    let available: Vec<Version> = image.node.clone();
    let held = matching(&wish.text, &available);
    let major = best(&held).ok_or_else(|| unavailable(&wish, image))?;
    let exact = wish.text.parse::<Range>().map_or(true, |range| held.iter().any(|v| range.holds(*v)));
    let note = (!exact).then(|| {
        format!(
            "{} asks for Node {}; the builder has Node {major} in another release.",
            wish.place,
            quoted(&wish.text)
        )
    });
    Ok(NodeChoice { major, note })
}

fn wish(project: &Project<'_>, options: &BuildOptions) -> Option<Wish> {
    let asked = options.node.clone().map(|text| Wish { text, place: "build.node".to_owned() });
    let of_package = || project.package.as_ref()?.engines_node.clone();
    let engines = || of_package().map(|text| Wish { text, place: "engines.node in package.json".to_owned() });
    asked.or_else(|| version_file(project)).or_else(engines)
}

/// The nearest version file; a file that is empty or no text asks for nothing.
fn version_file(project: &Project<'_>) -> Option<Wish> {
    let folders = project.folders_up();
    let paths = folders.iter().flat_map(|folder| [".nvmrc", ".node-version"].map(|name| below(folder, name)));
    paths.flatten().find_map(|path| {
        let lines =
            text(project.tree, &path)?.lines().map(|line| line.split('#').next().unwrap_or_default().trim());
        let line = lines.into_iter().find(|line| !line.is_empty())?;
        let text = line.chars().take(MAX_WISH).collect();
        Some(Wish { text, place: path.to_string() })
    })
}

fn default_of(image: &ToolInventory) -> Result<NodeChoice, Failure> {
    let major = best(&image.node);
    let wish = Wish { text: DEFAULT_NODE.to_string(), place: "the default".to_owned() };
    major.map(|major| NodeChoice { major, note: None }).ok_or_else(|| unavailable(&wish, image))
}

/// The versions of the image that meet a wish: exactly, or if none does so, by their major.
fn matching(wish: &str, available: &[Version]) -> Vec<Version> {
    let newest = || available.iter().copied().max().into_iter().collect();
    match wish.to_ascii_lowercase().as_str() {
        "node" | "stable" | "latest" | "current" => newest(),
        "lts" | "lts/*" => available.iter().copied().filter(|version| version.major % 2 == 0).collect(),
        other => match other.strip_prefix("lts/").or(Some(other)).and_then(lts_major) {
            Some(major) => available.iter().copied().filter(|version| version.major == major).collect(),
            None => in_range(other, available),
        },
    }
}

/// Whether an image with these majors meets a wish such as `22`, `>=20 <23` or `lts/jod`, by the rules of a build.
#[must_use]
pub fn has_node(wish: &str, majors: &[u32]) -> bool {
    let image = ToolInventory::of_tools(majors.iter().map(|major| ("node", *major)));
    !matching(wish, &image.node).is_empty()
}

fn lts_major(name: &str) -> Option<u32> {
    LTS_NAMES.iter().find(|(known, _)| *known == name).map(|(_, major)| *major)
}

fn in_range(wish: &str, available: &[Version]) -> Vec<Version> {
    let Ok(range) = wish.parse::<Range>() else {
        return Vec::new();
    };
    let exact: Vec<Version> = available.iter().copied().filter(|version| range.holds(*version)).collect();
    if !exact.is_empty() {
        return exact;
    }
    available.iter().copied().filter(|version| range.touches_major(version.major)).collect()
}

/// The default where it is allowed (a range is a bound and not a wish for the newest), else the newest.
fn best(versions: &[Version]) -> Option<u32> {
    let default = versions.iter().find(|version| version.major == DEFAULT_NODE);
    default.or_else(|| versions.iter().max()).map(|version| version.major)
}

fn unavailable(wish: &Wish, image: &ToolInventory) -> Failure {
    let there = image.describe();
    fail(
        Code::ToolchainUnavailable,
        format!("{} asks for Node {}, which the builder image lacks. It has: {there}.", wish.place, quoted(&wish.text)),
    )
    .remedy(format!("Ask for a major that is there ({there}) in .nvmrc or engines.node, or let the operator extend the image."))
}

#[cfg(test)]
mod tests {
    use super::*;
    use shipstack_types::{RelPath, SourceTree};

    fn image() -> ToolInventory {
        let node = ["20.19.5", "22.21.0", "24.11.1"].map(|text| text.parse().unwrap()).to_vec();
        ToolInventory { node, npm: vec![10, 11], ..ToolInventory::default() }
    }

    fn choose_with(files: &[(&str, &str)]) -> Result<NodeChoice, Failure> {
        let mut tree = SourceTree::default();
        for (path, text) in files {
            tree.add_content(path.parse().unwrap(), text.as_bytes().to_vec());
        }
        let project = Project::open(&tree, RelPath::root()).unwrap();
        choose(&project, &BuildOptions::default(), &image())
    }

    #[test]
    fn version_files_and_engines_choose_a_major_of_the_image() {
        for (name, text, major) in [
            (".nvmrc", "20", 20),
            (".nvmrc", "v24.1.0\n", 24),
            (".nvmrc", "lts/jod", 22),
            (".nvmrc", "lts/Iron", 20),
            (".nvmrc", "lts/*", 22),
            (".nvmrc", "node", 24),
            (".nvmrc", "# a comment\n20\n", 20),
            (".nvmrc", "\n\n", 22),
            (".node-version", "24", 24),
            ("package.json", r#"{"engines":{"node":">=18"}}"#, 22),
            ("package.json", r#"{"engines":{"node":">=18 <21"}}"#, 20),
            ("package.json", r#"{"engines":{"node":"^24 || ^26"}}"#, 24),
            ("package.json", r#"{"engines":{"node":"22.1.0"}}"#, 22),
            ("package.json", "{}", 22),
        ] {
            assert_eq!(choose_with(&[(name, text)]).unwrap().major, major, "{name} {text}");
        }
    }

    #[test]
    fn whether_a_wish_can_be_met_is_known_from_the_majors_alone() {
        for (wish, met) in [
            ("20", true),
            ("v22.1.0", true),
            (">=20 <23", true),
            ("lts/Jod", true),
            ("latest", true),
            ("99", false),
            (">=99", false),
            ("lts/gallium", false),
        ] {
            assert_eq!(has_node(wish, &[20, 22]), met, "{wish}");
        }
    }

    #[test]
    fn a_version_file_stands_above_engines() {
        let files = [(".nvmrc", "20"), ("package.json", r#"{"engines":{"node":">=24"}}"#)];
        assert_eq!(choose_with(&files).unwrap().major, 20);
    }

    #[test]
    fn another_release_of_the_right_major_is_taken_and_said() {
        let choice = choose_with(&[(".nvmrc", "22.1.0")]).unwrap();
        assert!(choice.note.unwrap().contains("22.1.0"));
        assert_eq!(choose_with(&[(".nvmrc", "22")]).unwrap().note, None);
    }

    #[test]
    fn what_the_image_lacks_is_refused_with_a_list_of_what_it_has() {
        for (name, text) in [
            (".nvmrc", "../../x"),
            (".nvmrc", "16"),
            (".nvmrc", "lts/gallium"),
            (".nvmrc", "$(id)\u{1b}[2J"),
            ("package.json", r#"{"engines":{"node":">=99"}}"#),
            ("package.json", r#"{"engines":{"node":"latest-ish"}}"#),
        ] {
            let failure = choose_with(&[(name, text)]).unwrap_err();
            assert_eq!(failure.code, Code::ToolchainUnavailable);
            assert!(failure.message.contains("20, 22, 24"), "{}", failure.message);
            assert!(!failure.message.contains('\u{1b}'));
        }
    }
}
