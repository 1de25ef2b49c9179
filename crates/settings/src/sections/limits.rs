//! How long things may take and how large they may be.

use std::num::NonZeroU32;

use clap::Args;
use shipstack_types::{OutputLimits, SourceLimits};

use crate::{ByteSize, HumanDuration};

/// Every deadline. What passes one ends and says so.
#[derive(Args, Debug, Clone, Copy)]
#[command(next_help_heading = "Limits")]
pub struct TimeoutSettings {
    /// How long install and build may take together
    #[arg(
        long = "build-timeout",
        env = "SHIPSTACK_BUILD_TIMEOUT",
        default_value = "15m",
        value_name = "TIME"
    )]
    pub build: HumanDuration,

    /// How long install or build may print nothing
    #[arg(
        long = "build-silence",
        env = "SHIPSTACK_BUILD_SILENCE",
        default_value = "5m",
        value_name = "TIME"
    )]
    pub silence: HumanDuration,

    /// How long fetching a repository may take
    #[arg(
        long = "clone-timeout",
        env = "SHIPSTACK_CLONE_TIMEOUT",
        default_value = "2m",
        value_name = "TIME"
    )]
    pub clone: HumanDuration,

    /// How long an upload may take
    #[arg(
        long = "upload-timeout",
        env = "SHIPSTACK_UPLOAD_TIMEOUT",
        default_value = "10m",
        value_name = "TIME"
    )]
    pub upload: HumanDuration,

    /// How long a deployment may wait for a worker
    #[arg(
        long = "queue-timeout",
        env = "SHIPSTACK_QUEUE_TIMEOUT",
        default_value = "24h",
        value_name = "TIME"
    )]
    pub queue: HumanDuration,

    /// How long storing a built site may take
    #[arg(
        long = "publish-timeout",
        env = "SHIPSTACK_PUBLISH_TIMEOUT",
        default_value = "5m",
        value_name = "TIME"
    )]
    pub publish: HumanDuration,

    /// How long builds may still run after the service was told to stop
    #[arg(long, env = "SHIPSTACK_DRAIN", default_value = "10m", value_name = "TIME")]
    pub drain: HumanDuration,
}

/// Every size and count that an operator may change.
#[derive(Args, Debug, Clone, Copy)]
#[command(next_help_heading = "Limits")]
pub struct LimitSettings {
    /// Size of a source, unpacked
    #[arg(long, env = "SHIPSTACK_SOURCE_MAX_BYTES", default_value = "512MiB", value_name = "SIZE")]
    pub source_max_bytes: ByteSize,

    /// Files in a source
    #[arg(long, env = "SHIPSTACK_SOURCE_MAX_FILES", default_value = "50000", value_name = "N")]
    pub source_max_files: NonZeroU32,

    /// Size of a built site
    #[arg(long, env = "SHIPSTACK_OUTPUT_MAX_BYTES", default_value = "4GiB", value_name = "SIZE")]
    pub output_max_bytes: ByteSize,

    /// Files in a built site
    #[arg(long, env = "SHIPSTACK_OUTPUT_MAX_FILES", default_value = "100000", value_name = "N")]
    pub output_max_files: NonZeroU32,

    /// Size of a build's log; the middle of a longer one is left out
    #[arg(long, env = "SHIPSTACK_BUILD_LOG_MAX", default_value = "16MiB", value_name = "SIZE")]
    pub build_log_max: ByteSize,

    /// Logs and event streams that one process sends at once; more are refused
    #[arg(long, env = "SHIPSTACK_MAX_STREAMS", default_value = "512", value_name = "N")]
    pub max_streams: NonZeroU32,

    /// Deployments that may wait for their source or for a worker; more are refused
    #[arg(long, env = "SHIPSTACK_MAX_QUEUE", default_value = "50000", value_name = "N")]
    pub max_queue: NonZeroU32,

    /// Room that has to be left on the disk of the data folder for new deployments to be taken, and for a worker (on the
    /// engine's disk as well) to claim builds; 0 takes them always
    #[arg(long, env = "SHIPSTACK_MIN_FREE_DISK", default_value = "64MiB", value_name = "SIZE")]
    pub min_free_disk: ByteSize,

    /// Memory that has to be left, on the machine and within the limit of the container or unit, for new deployments to be taken; 0 takes them always
    #[arg(long, env = "SHIPSTACK_MIN_FREE_MEMORY", default_value = "64MiB", value_name = "SIZE")]
    pub min_free_memory: ByteSize,
}

impl LimitSettings {
    /// Caps on a source tree.
    pub fn source(&self) -> SourceLimits {
        let defaults = SourceLimits::default();
        SourceLimits {
            total_bytes: self.source_max_bytes.get(),
            files: self.source_max_files.get().into(),
            file_bytes: defaults.file_bytes.min(self.source_max_bytes.get()),
            ..defaults
        }
    }

    /// Caps on what a build may publish.
    pub fn output(&self) -> OutputLimits {
        OutputLimits {
            total_bytes: self.output_max_bytes.get(),
            files: self.output_max_files.get().into(),
            ..OutputLimits::default()
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::from_pairs;

    #[test]
    fn the_defaults_are_those_of_the_types() {
        let limits: LimitSettings = from_pairs(&[]).unwrap();
        assert_eq!(limits.source(), SourceLimits::default());
        assert_eq!(limits.output(), OutputLimits::default());
    }
}
