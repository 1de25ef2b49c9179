//! One line of a deployment's log.

use crate::{Phase, Timestamp};
use serde::{Deserialize, Serialize};

/// Where a line came from. Typed, so that a build cannot print a line of ours.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "lowercase")]
pub enum LogStream {
    /// Said by shipstack.
    System,
    /// Said by git or its server.
    Git,
    /// Standard output of install or build.
    Stdout,
    /// Standard error of install or build.
    Stderr,
}

/// A kept line. `seq` counts from 1 without a gap over intake and all attempts (contract §6).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase")]
pub struct LogLine {
    /// Place in the log, from 1.
    pub seq: u64,
    /// When it was read.
    pub at: Timestamp,
    /// Where it came from.
    pub stream: LogStream,
    /// The phase it belongs to.
    pub phase: Phase,
    /// The attempt it belongs to, from 1.
    pub attempt: u32,
    /// The line without its end; at most 64 KiB, valid UTF-8 (broken bytes become U+FFFD).
    pub text: String,
}
