//! The form in which a process writes its own log.

use std::str::FromStr;

/// The form of log lines. Said by the settings, obeyed by the telemetry; here because neither knows the other.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LogFormat {
    /// For people.
    Pretty,
    /// One JSON object a line.
    Json,
}

impl FromStr for LogFormat {
    type Err = &'static str;

    fn from_str(name: &str) -> Result<Self, Self::Err> {
        match name {
            "pretty" => Ok(Self::Pretty),
            "json" => Ok(Self::Json),
            _ => Err("a log format is one of pretty, json"),
        }
    }
}
