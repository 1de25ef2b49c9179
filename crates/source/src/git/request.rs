//! What is asked of git, and what it turned out to be.

use shipstack_types::{GitRef, GitUrl, HostAllowList, SourceLimits};
use std::path::PathBuf;
use std::time::Duration;

/// What to fetch, and within what.
#[derive(Clone, Debug)]
pub struct GitFetch {
    /// The repository.
    pub url: GitUrl,
    /// The branch, tag or commit; none for the default branch.
    pub git_ref: Option<GitRef>,
    /// Limits on the tree.
    pub limits: SourceLimits,
    /// Everything together: look-up, fetch, snapshot.
    pub deadline: Duration,
    /// Hosts that may have non-public addresses.
    pub allow_private: HostAllowList,
    /// Further certificate authorities, for networks with a TLS-inspecting proxy.
    pub ca_file: Option<PathBuf>,
}

/// The commit that a snapshot was made of.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Commit {
    /// Its full hash.
    pub sha: String,
    /// The ref that was asked for; none for the default branch.
    pub ref_name: Option<String>,
}
