//! The package manager of a project: `packageManager` field, then lockfile, then npm; and how it installs.

use crate::fail::{fail, folder_name, quoted};
use crate::inventory::{ToolInventory, list};
use crate::project::{Project, below, read_package, text};
use crate::version::Version;
use shipstack_types::{Code, Failure, PackageManager, RelPath};

/// Lockfiles by manager, in the order in which they are believed (build.md §1).
const LOCKFILES: &[(&str, &[&str])] = &[
    ("bun", &["bun.lock", "bun.lockb"]),
    ("pnpm", &["pnpm-lock.yaml"]),
    ("yarn", &["yarn.lock"]),
    ("npm", &["package-lock.json", "npm-shrinkwrap.json"]),
];

/// Both formats say what they are in their first lines.
const LOCKFILE_HEAD: usize = 4 * 1024;

/// The manager, and where and how it installs.
#[derive(Debug)]
pub(crate) struct ManagerChoice {
    pub(crate) manager: PackageManager,
    pub(crate) install_in: RelPath,
    pub(crate) frozen: bool,
    pub(crate) notes: Vec<String>,
}

/// What `packageManager` says.
struct Field {
    name: String,
    major: Option<u32>,
}

/// A lockfile that was found.
struct Lockfile {
    manager: &'static str,
    folder: RelPath,
    path: RelPath,
}

/// Chooses the manager; one that the image lacks is a failure that lists those that it has.
pub(crate) fn choose(project: &Project<'_>, image: &ToolInventory) -> Result<ManagerChoice, Failure> {
    let field = field(project)?;
    let lockfile = find_lockfile(project, field.as_ref().map(|field| field.name.as_str()));
    let name = match (&field, &lockfile) {
        (Some(field), _) => field.name.as_str(),
        (None, Some(lockfile)) => lockfile.manager,
        (None, None) => "npm",
    };
    let wanted = field.as_ref().and_then(|field| field.major);
    let wanted = wanted.or_else(|| lockfile.as_ref().and_then(|lockfile| lockfile_major(project, lockfile)));
    let (major, note) = major(project, name, wanted, image)?;
    let (install_in, frozen, unlocked) = place(project, lockfile)?;
    let notes = note.into_iter().chain(unlocked).collect();
    Ok(ManagerChoice { manager: PackageManager { name: name.to_owned(), major }, install_in, frozen, notes })
}

/// The nearest `packageManager` up to the root; `pnpm@9.1.0+sha512.…` is pnpm 9.
fn field(project: &Project<'_>) -> Result<Option<Field>, Failure> {
    for folder in project.folders_up() {
        let package = read_package(project.tree, &folder)?;
        if let Some(text) = package.and_then(|package| package.package_manager) {
            return parse_field(&text).map(Some);
        }
    }
    Ok(None)
}

fn parse_field(text: &str) -> Result<Field, Failure> {
    let (name, version) = text.split_once('@').unwrap_or((text, ""));
    if !LOCKFILES.iter().any(|(known, _)| *known == name) {
        let known = "npm, pnpm, yarn and bun";
        let message = format!("packageManager in package.json is {}; shipstack knows {known}.", quoted(text));
        return Err(fail(Code::ToolchainUnavailable, message));
    }
    let major = version.parse::<Version>().ok().map(|version| version.major);
    Ok(Field { name: name.to_owned(), major })
}

fn find_lockfile(project: &Project<'_>, only: Option<&str>) -> Option<Lockfile> {
    project.folders_up().into_iter().find_map(|folder| {
        let managers = LOCKFILES.iter().filter(|(manager, _)| only.is_none_or(|only| only == *manager));
        let mut names = managers.flat_map(|(manager, names)| names.iter().map(move |name| (*manager, *name)));
        names.find_map(|(manager, name)| {
            let path = below(&folder, name).filter(|path| project.tree.has_file(path))?;
            Some(Lockfile { manager, folder: folder.clone(), path })
        })
    })
}

/// The major that wrote a lockfile, by its format (build.md §1).
fn lockfile_major(project: &Project<'_>, lockfile: &Lockfile) -> Option<u32> {
    let text = text(project.tree, &lockfile.path)?;
    let head = text.char_indices().nth(LOCKFILE_HEAD).and_then(|(at, _)| text.get(..at)).unwrap_or(text);
    match lockfile.manager {
        "pnpm" => pnpm_major(head),
        "yarn" => Some(yarn_major(head)),
        _ => None,
    }
}

/// Classic has no `__metadata`. Berry writes its format there: 4 to 6 before yarn 4, which would rewrite them.
fn yarn_major(head: &str) -> u32 {
    let Some((_, metadata)) = head.split_once("__metadata:") else { return 1 };
    let line = metadata.lines().find_map(|line| line.trim().strip_prefix("version:"));
    let format: Option<u32> = line.and_then(|number| number.trim().parse().ok());
    if format.is_some_and(|format| format <= 6) { 3 } else { 4 }
}

fn pnpm_major(head: &str) -> Option<u32> {
    let line = head.lines().find_map(|line| line.strip_prefix("lockfileVersion:"))?;
    let version: Version = line.trim().trim_matches(['\'', '"']).parse().ok()?;
    match (version.major, version.minor) {
        (5, 4..) => Some(7),
        (..=5, _) => Some(6),
        (6, _) => Some(8),
        (9, _) => Some(10),
        _ => None,
    }
}

/// The major that is used. npm reads its lockfiles of all ages, so another npm is said and taken; of the others, a wrong
/// major would rewrite or refuse the lockfile. yarn berry hands over to a release that the project carries itself.
fn major(
    project: &Project<'_>,
    name: &str,
    wanted: Option<u32>,
    image: &ToolInventory,
) -> Result<(u32, Option<String>), Failure> {
    let there = image.majors_of(name);
    let newest = there.iter().copied().max();
    let carried = name == "yarn" && wanted.is_some_and(|major| major > 1) && carries_yarn(project);
    match (wanted, newest) {
        (Some(wanted), Some(_)) if there.contains(&wanted) => Ok((wanted, None)),
        (None, Some(newest)) => Ok((newest, None)),
        (Some(wanted), Some(newest)) if name == "npm" || (carried && newest > 1) => {
            Ok((newest, Some(format!("The project names {name} {wanted}; the builder has {name} {newest}."))))
        }
        (wanted, _) => Err(unavailable(name, wanted, image)),
    }
}

fn carries_yarn(project: &Project<'_>) -> bool {
    let releases = project.folders_up().into_iter().filter_map(|folder| below(&folder, ".yarn/releases"));
    releases.into_iter().any(|folder| project.tree.names_in(&folder).next().is_some())
}

fn unavailable(name: &str, wanted: Option<u32>, image: &ToolInventory) -> Failure {
    let wanted = wanted.map_or_else(|| name.to_owned(), |major| format!("{name} {major}"));
    let majors = list(image.majors_of(name).iter().copied());
    let there = image.describe();
    fail(
        Code::ToolchainUnavailable,
        format!("The project needs {wanted}, which the builder image lacks. It has: {there} ({name}: {majors})."),
    )
    .remedy("Set packageManager in package.json to one that is there and write its lockfile, or let the operator extend the image.")
}

/// Where to install, whether frozen, and what a missing lockfile costs.
fn place(
    project: &Project<'_>,
    lockfile: Option<Lockfile>,
) -> Result<(RelPath, bool, Option<String>), Failure> {
    if let Some(lockfile) = lockfile {
        if lockfile.folder == project.directory || is_workspace_root(project, &lockfile.folder)? {
            return Ok((lockfile.folder, true, None));
        }
        let note = format!(
            "{} belongs to no workspace that holds {}: it is not used.",
            lockfile.path,
            folder_name(&project.directory)
        );
        return Ok((project.directory.clone(), false, Some(note)));
    }
    let note = "There is no lockfile: versions are resolved anew in every build, which is slower and may differ each time. \
                Commit the lockfile to make builds repeatable.";
    Ok((workspace_root(project)?, false, Some(note.to_owned())))
}

/// The nearest workspace root at or above the project, else the project itself.
fn workspace_root(project: &Project<'_>) -> Result<RelPath, Failure> {
    for folder in project.folders_up() {
        if is_workspace_root(project, &folder)? {
            return Ok(folder);
        }
    }
    Ok(project.directory.clone())
}

fn is_workspace_root(project: &Project<'_>, folder: &RelPath) -> Result<bool, Failure> {
    let pnpm = below(folder, "pnpm-workspace.yaml").is_some_and(|path| project.tree.has_file(&path));
    let package = read_package(project.tree, folder)?;
    Ok(pnpm || package.is_some_and(|package| package.is_workspace_root))
}

impl ManagerChoice {
    /// The install command.
    pub(crate) fn install(&self) -> String {
        let berry = self.manager.name == "yarn" && self.manager.major > 1;
        match (self.manager.name.as_str(), self.frozen) {
            ("npm", true) => "npm ci".to_owned(),
            ("yarn", true) if berry => "yarn install --immutable".to_owned(),
            // `CI` makes berry immutable by itself, which fails where there is nothing to be immutable about.
            ("yarn", false) if berry => "yarn install --no-immutable".to_owned(),
            (name, true) => format!("{name} install --frozen-lockfile"),
            (name, false) => format!("{name} install"),
        }
    }

    /// The command that runs a script of `package.json`.
    pub(crate) fn run_script(&self, script: &str) -> String {
        format!("{} run {script}", self.manager.name)
    }

    /// The command that runs a program of an installed package, without ever downloading another.
    pub(crate) fn run_program(&self, program: &str) -> String {
        match self.manager.name.as_str() {
            "npm" => format!("npm exec --no -- {program}"),
            "pnpm" => format!("pnpm exec {program}"),
            "bun" => format!("bun x --no-install {program}"),
            name => format!("{name} run {program}"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use shipstack_types::SourceTree;

    fn image() -> ToolInventory {
        ToolInventory { npm: vec![10], pnpm: vec![8, 9, 10], yarn: vec![1, 3, 4], ..ToolInventory::default() }
    }

    fn choose_in(directory: &str, files: &[(&str, &str)]) -> Result<ManagerChoice, Failure> {
        let mut tree = SourceTree::default();
        for (path, text) in files {
            tree.add_content(path.parse().unwrap(), text.as_bytes().to_vec());
        }
        choose(&Project::open(&tree, directory.parse().unwrap()).unwrap(), &image())
    }

    fn command(files: &[(&str, &str)]) -> String {
        let choice = choose_in("", files).unwrap();
        format!("{} | {}", String::from(choice.manager.clone()), choice.install())
    }

    #[test]
    fn lockfile_and_field_decide_manager_and_major() {
        let berry = "# generated\n\n__metadata:\n  version: 8\n  cacheKey: 10\n";
        let older = "__metadata:\n  version: 6\n";
        for (files, want) in [
            (vec![], "npm@10 | npm install"),
            (vec![("package-lock.json", "{}")], "npm@10 | npm ci"),
            (vec![("npm-shrinkwrap.json", "{}")], "npm@10 | npm ci"),
            (
                vec![("pnpm-lock.yaml", "lockfileVersion: '9.0'\n")],
                "pnpm@10 | pnpm install --frozen-lockfile",
            ),
            (vec![("pnpm-lock.yaml", "lockfileVersion: '6.1'\n")], "pnpm@8 | pnpm install --frozen-lockfile"),
            (vec![("pnpm-lock.yaml", "\u{0}garbage")], "pnpm@10 | pnpm install --frozen-lockfile"),
            (vec![("yarn.lock", "# yarn lockfile v1\n")], "yarn@1 | yarn install --frozen-lockfile"),
            (vec![("yarn.lock", berry)], "yarn@4 | yarn install --immutable"),
            (vec![("yarn.lock", older)], "yarn@3 | yarn install --immutable"),
            (
                vec![("package.json", r#"{"packageManager":"yarn@4.5.0"}"#)],
                "yarn@4 | yarn install --no-immutable",
            ),
            (vec![("package.json", r#"{"packageManager":"pnpm@9.1.0+sha512.ab"}"#)], "pnpm@9 | pnpm install"),
            (vec![("package.json", r#"{"packageManager":"pnpm"}"#)], "pnpm@10 | pnpm install"),
            (
                vec![
                    ("package.json", r#"{"packageManager":"npm@8.1.0"}"#),
                    ("yarn.lock", ""),
                    ("package-lock.json", ""),
                ],
                "npm@10 | npm ci",
            ),
        ] {
            assert_eq!(command(&files), want, "{files:?}");
        }
    }

    #[test]
    fn what_the_image_lacks_is_refused_with_a_list_of_what_it_has() {
        for files in [
            vec![("bun.lock", "{}")],
            vec![("bun.lockb", "")],
            vec![("pnpm-lock.yaml", "lockfileVersion: 5.4\n")],
            vec![("package.json", r#"{"packageManager":"yarn@2.4.0"}"#)],
            vec![("package.json", r#"{"packageManager":"cargo@1"}"#)],
        ] {
            let failure = choose_in("", &files).unwrap_err();
            assert_eq!(failure.code, Code::ToolchainUnavailable, "{files:?}");
            assert!(failure.message.contains("pnpm"), "{}", failure.message);
        }
    }

    #[test]
    fn a_yarn_release_that_the_project_carries_is_handed_over_to() {
        let package = ("package.json", r#"{"packageManager":"yarn@2.4.0"}"#);
        let choice = choose_in("", &[package, (".yarn/releases/yarn-2.4.0.cjs", "")]).unwrap();
        assert_eq!(choice.manager.major, 4);
        assert!(choice.notes.iter().any(|note| note.contains("yarn 2")));
    }

    #[test]
    fn a_lockfile_above_counts_for_a_workspace_and_for_nobody_else() {
        let own = ("apps/web/package.json", "{}");
        let lock = ("package-lock.json", "{}");
        let choice =
            choose_in("apps/web", &[own, lock, ("package.json", r#"{"workspaces":["apps/*"]}"#)]).unwrap();
        assert!(choice.install_in.is_root() && choice.frozen);
        let choice = choose_in("apps/web", &[own, lock, ("package.json", "{}")]).unwrap();
        assert_eq!(choice.install_in.as_str(), "apps/web");
        assert!(!choice.frozen && choice.notes.iter().any(|note| note.contains("not used")));
    }
}
