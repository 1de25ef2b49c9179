//! The project in a source tree: its folder, its `package.json`, and its neighbours up to the root.

use crate::fail::{fail, folder_name, invalid};
use crate::package_json::PackageJson;
use shipstack_types::{Code, Failure, RelPath, SourceTree, TreeEntry};

/// A project that was found, with everything that a decision reads.
pub(crate) struct Project<'a> {
    pub(crate) tree: &'a SourceTree,
    pub(crate) directory: RelPath,
    pub(crate) package: Option<PackageJson>,
}

impl<'a> Project<'a> {
    /// Opens the folder; it must be a real one.
    pub(crate) fn open(tree: &'a SourceTree, directory: RelPath) -> Result<Self, Failure> {
        if !directory.is_root() {
            check_folder(tree, &directory)?;
        }
        let package = read_package(tree, &directory)?;
        Ok(Self { tree, directory, package })
    }

    /// Opens a folder that is the finished site: its files are looked at by name only.
    pub(crate) fn open_finished(tree: &'a SourceTree, directory: RelPath) -> Result<Self, Failure> {
        if !directory.is_root() {
            check_folder(tree, &directory)?;
        }
        Ok(Self { tree, directory, package: None })
    }

    /// A path below the project, from the root of the source.
    pub(crate) fn path(&self, name: &str) -> Option<RelPath> {
        below(&self.directory, name)
    }

    /// Whether a regular file is there.
    pub(crate) fn has_file(&self, name: &str) -> bool {
        self.path(name).is_some_and(|path| self.tree.has_file(&path))
    }

    /// The text of a file of the project, when it is text and was kept.
    pub(crate) fn text(&self, name: &str) -> Option<&'a str> {
        text(self.tree, &self.path(name)?)
    }

    /// Names of the project's own files that are `<stem>.<anything>`.
    pub(crate) fn files_of_stem(&self, stem: &str) -> Vec<String> {
        let names = self.tree.names_in(&self.directory);
        let matching = names.filter(|name| name.rsplit_once('.').is_some_and(|(own, _)| own == stem));
        matching.filter(|name| self.has_file(name)).map(str::to_owned).collect()
    }

    /// The texts of all `<stem>.*` of the project, joined, without their comments.
    pub(crate) fn config_text(&self, stem: &str) -> String {
        let texts = self.files_of_stem(stem);
        texts.iter().filter_map(|name| self.text(name)).map(without_comments).collect()
    }

    /// The project's folder and those above it, innermost first, the root last.
    pub(crate) fn folders_up(&self) -> Vec<RelPath> {
        std::iter::successors(Some(self.directory.clone()), RelPath::parent).collect()
    }

    /// Whether one of the project's dependencies is this package.
    pub(crate) fn has_package(&self, name: &str) -> bool {
        self.package.as_ref().is_some_and(|package| package.has(name))
    }
}

/// `folder/name`, when that is a path at all.
pub(crate) fn below(folder: &RelPath, name: &str) -> Option<RelPath> {
    folder.join(&name.parse().ok()?).ok()
}

/// The text of a file, when it is text and was kept.
pub(crate) fn text<'a>(tree: &'a SourceTree, path: &RelPath) -> Option<&'a str> {
    std::str::from_utf8(tree.content(path)?).ok()
}

/// The `package.json` of a folder; what is there but cannot be read is a failure and never "none".
pub(crate) fn read_package(tree: &SourceTree, folder: &RelPath) -> Result<Option<PackageJson>, Failure> {
    let Some(path) = below(folder, "package.json") else {
        return Ok(None);
    };
    match (tree.get(&path), tree.content(&path)) {
        (None, _) => Ok(None),
        (Some(TreeEntry::File { .. }), Some(bytes)) => PackageJson::parse(&path, bytes).map(Some),
        (Some(TreeEntry::File { bytes }), None) => {
            Err(invalid(&path, format!("the file is too large to be read ({bytes} bytes)")))
        }
        (Some(TreeEntry::Folder), _) => Err(invalid(&path, "it is a folder and must be a file")),
        (Some(TreeEntry::Link { .. }), _) => Err(invalid(&path, "it is a link and must be a regular file")),
    }
}

fn check_folder(tree: &SourceTree, directory: &RelPath) -> Result<(), Failure> {
    match tree.get(directory) {
        Some(TreeEntry::Folder) => Ok(()),
        Some(TreeEntry::Link { .. }) => {
            Err(missing(directory, "is a link; a folder of the source is needed"))
        }
        Some(TreeEntry::File { .. }) => {
            Err(missing(directory, "is a file; a folder of the source is needed"))
        }
        None => Err(missing(directory, "is not in the source")),
    }
}

fn missing(directory: &RelPath, why: &str) -> Failure {
    fail(Code::DirectoryMissing, format!("The folder to build, {}, {why}.", folder_name(directory)))
}

/// Without `//` and `/* */` comments, roughly: a setting that is commented out is not set. A `//` inside a word, as in a
/// URL, is no comment.
fn without_comments(text: &str) -> String {
    let mut kept = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(start) = rest.find("/*") {
        kept.push_str(rest.get(..start).unwrap_or_default());
        let after = rest.get(start + 2..).unwrap_or_default();
        rest = after.find("*/").and_then(|end| after.get(end + 2..)).unwrap_or_default();
    }
    kept.push_str(rest);
    kept.lines().flat_map(|line| [line_without_comment(line), "\n"]).collect()
}

fn line_without_comment(line: &str) -> &str {
    let starts = line.match_indices("//").map(|(at, _)| at);
    let comment = starts.into_iter().find(|at| {
        let before = line.get(..*at).unwrap_or_default();
        !before.ends_with(':')
    });
    comment.and_then(|at| line.get(..at)).unwrap_or(line)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_setting_that_is_commented_out_is_not_there() {
        let text = "a\n// output: 'export'\nurl: 'https://x.example', /* ssr: false */ b /* open";
        let kept = without_comments(text);
        assert!(!kept.contains("export") && !kept.contains("ssr") && !kept.contains("open"));
        assert!(kept.contains("https://x.example"));
    }

    #[test]
    fn a_folder_that_is_a_link_is_not_built() {
        let mut tree = SourceTree::default();
        tree.add("link".parse().unwrap(), TreeEntry::Link { target: "src".into() });
        let failure = Project::open(&tree, "link".parse().unwrap()).err().unwrap();
        assert_eq!(failure.code, Code::DirectoryMissing);
        assert!(failure.message.contains("link"));
    }
}
