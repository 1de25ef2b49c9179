//! How an archive is to be taken in: what it is for, and within which limits.

use super::ArchiveKind;
use shipstack_types::{ArchiveLimits, RelPath, SourceLimits};

/// What an archive is for.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum ArchiveUse {
    /// Source to build: `node_modules` is made again by the install, so it is left out.
    #[default]
    Build,
    /// A finished site: everything counts.
    Prebuilt,
}

impl ArchiveUse {
    /// The folder for whose sake a path is left out. `.git` always is: its configuration could run things.
    pub(crate) fn leaves_out(self, path: &RelPath) -> Option<RelPath> {
        let out = |name: &str| name == ".git" || (name == "node_modules" && self == Self::Build);
        let depth = path.segments().position(out)?;
        path.segments().take(depth + 1).collect::<Vec<_>>().join("/").parse().ok()
    }
}

/// How an archive is to be taken in.
#[derive(Clone, Debug, Default)]
pub struct ArchiveIntake {
    /// What the content type said, if it said anything.
    pub declared: Option<ArchiveKind>,
    /// What it is for.
    pub use_as: ArchiveUse,
    /// Limits on the tree inside.
    pub source: SourceLimits,
    /// Limits on the archive itself.
    pub archive: ArchiveLimits,
}
