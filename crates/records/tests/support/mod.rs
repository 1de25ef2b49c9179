//! What a deployment is accepted with, where a test does not care.

use shipstack_records::NewDeployment;
use shipstack_types::{BuildOptions, DeploymentId, Sha256Digest, SourceInfo};

/// Of a snapshot that is the word `snapshot`.
pub(crate) fn source_info() -> SourceInfo {
    SourceInfo {
        commit: None,
        git_ref: None,
        sha256: Sha256Digest::of(b"snapshot"),
        stored_bytes: 8,
        bytes: 8,
        files: 1,
        warnings: Vec::new(),
    }
}

pub(crate) fn new_deployment(id: DeploymentId) -> NewDeployment {
    NewDeployment { id, build: BuildOptions::default(), idempotency: None, traceparent: None }
}
