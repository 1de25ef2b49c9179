//! Limits, as plain figures; each one's default is that of contract §8 and build.md §2, §4.

use serde::{Deserialize, Serialize};
use std::time::Duration;

const KIB: u64 = 1024;
const MIB: u64 = 1024 * KIB;
const GIB: u64 = 1024 * MIB;

/// Caps on a source tree, whatever way it came.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SourceLimits {
    /// All regular files together, in bytes.
    pub total_bytes: u64,
    /// Regular files, folders and links together.
    pub files: u64,
    /// One regular file, in bytes.
    pub file_bytes: u64,
    /// Path segments.
    pub depth: usize,
}

impl Default for SourceLimits {
    fn default() -> Self {
        Self { total_bytes: 512 * MIB, files: 50_000, file_bytes: 128 * MIB, depth: 64 }
    }
}

/// Caps on an archive as it is read, beside those on the tree inside (reliability.md §5).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ArchiveLimits {
    /// Bytes of the body as it arrives.
    pub body_bytes: u64,
    /// One extension record (long name, PAX), in bytes.
    pub extension_bytes: u64,
    /// Decompressed over compressed bytes, after the first MiB.
    pub ratio: u64,
    /// zstd's window as a power of two.
    pub zstd_window_log: u32,
    /// Reading the archive.
    pub deadline: Duration,
}

impl Default for ArchiveLimits {
    fn default() -> Self {
        Self {
            body_bytes: 512 * MIB,
            extension_bytes: 64 * KIB,
            ratio: 200,
            zstd_window_log: 23,
            deadline: Duration::from_mins(1),
        }
    }
}

/// Caps on what a build may publish (build.md §4).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OutputLimits {
    /// All files together, in bytes.
    pub total_bytes: u64,
    /// Number of files.
    pub files: u64,
    /// One file, in bytes.
    pub file_bytes: u64,
}

impl Default for OutputLimits {
    fn default() -> Self {
        Self { total_bytes: 4 * GIB, files: 100_000, file_bytes: 256 * MIB }
    }
}

/// A named set of build limits.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum BuildProfile {
    /// Exactly the Node system's: 512 MiB, half a CPU, 256 processes.
    Classic,
    /// 2 GiB, 2 CPUs, 512 processes.
    #[default]
    Standard,
    /// 8 GiB, 4 CPUs, 1,024 processes.
    Large,
}

impl BuildProfile {
    /// All profiles, smallest first.
    pub const ALL: [Self; 3] = [Self::Classic, Self::Standard, Self::Large];

    /// The name on the wire.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Classic => "classic",
            Self::Standard => "standard",
            Self::Large => "large",
        }
    }
}

impl std::str::FromStr for BuildProfile {
    type Err = &'static str;

    fn from_str(name: &str) -> Result<Self, Self::Err> {
        let found = Self::ALL.into_iter().find(|profile| profile.as_str() == name);
        found.ok_or("a profile is one of classic, standard, large")
    }
}

/// What one build may use (build.md §2).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BuildLimits {
    /// Memory, in bytes; swap is none.
    pub memory_bytes: u64,
    /// CPU time per second of wall time, in thousandths of a CPU.
    pub cpu_millis: u64,
    /// Processes and threads.
    pub pids: u64,
    /// The workspace, in bytes.
    pub disk_bytes: u64,
    /// Install and build together.
    pub timeout: Duration,
    /// Without a printed byte.
    pub silence: Duration,
    /// The kept log, in bytes.
    pub log_bytes: u64,
}

impl BuildLimits {
    /// The limits of a profile.
    #[must_use]
    pub fn of(profile: BuildProfile) -> Self {
        let (memory_bytes, cpu_millis, pids) = match profile {
            BuildProfile::Classic => (512 * MIB, 500, 256),
            BuildProfile::Standard => (2 * GIB, 2000, 512),
            BuildProfile::Large => (8 * GIB, 4000, 1024),
        };
        Self {
            memory_bytes,
            cpu_millis,
            pids,
            disk_bytes: 10 * GIB,
            timeout: Duration::from_mins(15),
            silence: Duration::from_mins(5),
            log_bytes: 16 * MIB,
        }
    }
}
