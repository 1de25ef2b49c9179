//! What a deployment is accepted with, and what it is built by, where a test does not care.
#![allow(dead_code, reason = "each test binary uses a part of it")]

use shipstack_records::NewDeployment;
use shipstack_types::{
    BuildOptions, BuildPlan, DeploymentId, EgressOptions, PlanKind, RelPath, Sha256Digest, SourceInfo,
};
use std::collections::BTreeMap;

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

/// What was found to be a finished site.
pub(crate) fn plan() -> BuildPlan {
    BuildPlan {
        directory: RelPath::root(),
        framework: None,
        package_manager: None,
        node: None,
        steps: PlanKind::Static { from: RelPath::root() },
        env: BTreeMap::new(),
        egress: EgressOptions::default(),
        notes: Vec::new(),
    }
}
