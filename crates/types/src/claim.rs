//! Who holds what: claims, queues, workers.

use serde::{Deserialize, Serialize};
use std::fmt;
use std::num::NonZeroU32;

/// The number of a claim, from 1, never reused: the fence that tells one holder of a job from the next.
/// Intake and build count apart.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct ClaimNumber(NonZeroU32);

impl ClaimNumber {
    /// The first claim, whose objects have the short keys.
    pub const FIRST: Self = Self(NonZeroU32::MIN);

    /// The claim with this number; `None` for 0, which says that nobody ever claimed.
    #[must_use]
    pub fn new(number: u32) -> Option<Self> {
        NonZeroU32::new(number).map(Self)
    }

    /// The number.
    #[must_use]
    pub fn get(self) -> u32 {
        self.0.get()
    }

    /// The claim after this one.
    #[must_use]
    pub fn next(self) -> Self {
        Self(self.0.saturating_add(1))
    }
}

impl fmt::Display for ClaimNumber {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl fmt::Debug for ClaimNumber {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "claim {}", self.0)
    }
}

/// The two queues of jobs; both use the same machinery.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum QueueName {
    /// Git sources still to be fetched (`intake-queue`).
    Intake,
    /// Sources still to be built (`build-queue`).
    Build,
}

impl QueueName {
    /// Its word in metrics and logs.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Intake => "intake",
            Self::Build => "build",
        }
    }
}

/// One process that claims jobs: host, boot, random. New at every start, so a restarted worker is another worker.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct WorkerId(String);

impl WorkerId {
    /// An id from the host's name and 8 random bytes. Characters other than `[a-z0-9-]` become `-`.
    #[must_use]
    pub fn new(host: &str, random: [u8; 8]) -> Self {
        let plain = |c: char| {
            if c.is_ascii_lowercase() || c.is_ascii_digit() { c } else { '-' }
        };
        let host: String = host.to_ascii_lowercase().chars().take(32).map(plain).collect();
        Self(format!("{host}-{}", data_encoding::HEXLOWER.encode(&random)))
    }

    /// The id as it stands in Redis, labels and logs.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for WorkerId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}
