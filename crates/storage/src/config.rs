//! Which store to use, as the settings say it.

use std::path::PathBuf;

use secrecy::SecretString;

/// Which backend is behind the [`Store`](crate::Store).
#[derive(Debug, Clone)]
pub enum StoreConfig {
    /// In this process only; for tests.
    Memory,
    /// A folder on this machine; made where it does not exist. Several processes may share it.
    Folder {
        /// Where the objects are kept.
        path: PathBuf,
    },
    /// An S3-compatible service.
    S3(S3Config),
}

/// How to reach an S3-compatible service.
#[derive(Debug, Clone)]
pub struct S3Config {
    /// The bucket, which must exist.
    pub bucket: String,
    /// The region; without one, the SDK's own chain, and `us-east-1` with a custom endpoint.
    pub region: Option<String>,
    /// A custom endpoint (`http://host:port`). With one, buckets are addressed by path.
    pub endpoint: Option<String>,
    /// A static key; without one, the SDK's own chain.
    pub key: Option<S3Key>,
}

/// A static key of an S3-compatible service.
#[derive(Debug, Clone)]
pub struct S3Key {
    /// The public part.
    pub id: String,
    /// The secret part.
    pub secret: SecretString,
}
