//! Where source may come from and how it is kept.

use clap::{Args, ValueEnum};
use shipstack_types::HostAllowList;

/// Where source may come from and how it is kept.
#[derive(Args, Debug, Clone)]
#[command(next_help_heading = "Source")]
pub struct SourceSettings {
    /// Git hosts, as host or host:port separated by commas, that may resolve to addresses that are not public
    #[arg(long, env = "SHIPSTACK_ALLOW_PRIVATE_GIT_HOSTS", default_value = "", value_name = "HOSTS")]
    pub allow_private_git_hosts: HostAllowList,

    /// How snapshots are stored: as one archive, or as loose files as the Node system did
    #[arg(long, env = "SHIPSTACK_SNAPSHOT_LAYOUT", default_value = "archive", value_name = "HOW")]
    pub snapshot_layout: SnapshotLayout,
}

/// How a snapshot lies in the store (contract.md §5).
#[derive(ValueEnum, Debug, Clone, Copy, PartialEq, Eq)]
pub enum SnapshotLayout {
    /// One archive.
    Archive,
    /// One object per file, which a consumer of the Node system can read.
    Files,
}
