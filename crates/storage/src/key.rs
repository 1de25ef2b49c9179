//! Object keys: the only place that spells one (contract §5).
//!
//! Objects belong to a claim. Claim 1 has the short keys; build claim f ≥ 2 has the same ones under
//! `output/<id>/claims/<f>/`, intake claim f ≥ 2 under `output/<id>/intake/<f>/`. So no two writers share a key.

use std::fmt;

use shipstack_types::{ClaimNumber, DeploymentId, RelPath};

/// The folder that holds every deployment.
pub(crate) const DEPLOYMENTS: &str = "output/";

/// The key of an object.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum ObjectKey {
    /// The request as it was accepted.
    Birth(DeploymentId),
    /// The snapshot of an intake claim.
    Source {
        /// Whose.
        id: DeploymentId,
        /// The intake claim.
        claim: ClaimNumber,
    },
    /// What is known about the snapshot of an intake claim.
    SourceInfo {
        /// Whose.
        id: DeploymentId,
        /// The intake claim.
        claim: ClaimNumber,
    },
    /// That a build claim was taken.
    BuildClaim {
        /// Whose.
        id: DeploymentId,
        /// The build claim.
        claim: ClaimNumber,
    },
    /// That an intake claim was taken.
    IntakeClaim {
        /// Whose.
        id: DeploymentId,
        /// The intake claim.
        claim: ClaimNumber,
    },
    /// The log as a build claim left it for the next one.
    ClaimLog {
        /// Whose.
        id: DeploymentId,
        /// The build claim.
        claim: ClaimNumber,
    },
    /// The log as an intake claim left it for the next one.
    IntakeLog {
        /// Whose.
        id: DeploymentId,
        /// The intake claim.
        claim: ClaimNumber,
    },
    /// A loose source file of the Node system's layout. See [`ObjectKey::is_reserved`].
    Loose {
        /// Whose.
        id: DeploymentId,
        /// The file's path in the project.
        path: RelPath,
    },
    /// A file of the site.
    Artifact {
        /// Whose.
        id: DeploymentId,
        /// The build claim.
        claim: ClaimNumber,
        /// The file's path in the site.
        path: RelPath,
    },
    /// The list of a build claim's artifacts.
    Manifest {
        /// Whose.
        id: DeploymentId,
        /// The build claim.
        claim: ClaimNumber,
    },
    /// The archived log.
    Log(DeploymentId),
    /// How the deployment ended: the commit marker.
    Result(DeploymentId),
    /// That the deployment was deleted.
    Deleted(DeploymentId),
    /// A file of a site that the Node system published.
    LegacyArtifact {
        /// Whose.
        id: DeploymentId,
        /// The file's path in the site.
        path: RelPath,
    },
}

impl ObjectKey {
    /// Longest key that S3 takes, in bytes.
    pub const MAX_BYTES: usize = 1024;

    /// Whether a loose source file of this path would have a key that means something else (contract §5).
    pub fn is_reserved(path: &RelPath) -> bool {
        const FOLDERS: [&str; 4] = ["dist", "claims", "intake", "variants"];
        const FILES: [&str; 8] = [
            "deployment.json",
            "source.tar.zst",
            "source.json",
            "variants.json",
            "manifest.json",
            "build.log.zst",
            "result.json",
            "deleted.json",
        ];
        let first = path.segments().next().unwrap_or_default();
        FILES.contains(&path.as_str()) || FOLDERS.contains(&first)
    }
}

impl fmt::Display for ObjectKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Birth(id) => write!(f, "{DEPLOYMENTS}{id}/deployment.json"),
            Self::Source { id, claim } => write!(f, "{}source.tar.zst", Intake(id, *claim)),
            Self::SourceInfo { id, claim } => write!(f, "{}source.json", Intake(id, *claim)),
            Self::BuildClaim { id, claim } => write!(f, "{DEPLOYMENTS}{id}/claims/{claim}.json"),
            Self::IntakeClaim { id, claim } => write!(f, "{DEPLOYMENTS}{id}/intake/{claim}.json"),
            Self::ClaimLog { id, claim } => write!(f, "{DEPLOYMENTS}{id}/claims/{claim}.log.zst"),
            Self::IntakeLog { id, claim } => write!(f, "{DEPLOYMENTS}{id}/intake/{claim}.log.zst"),
            Self::Loose { id, path } => write!(f, "{DEPLOYMENTS}{id}/{path}"),
            Self::Artifact { id, claim, path } => write!(f, "{}dist/{path}", Build(id, *claim)),
            Self::Manifest { id, claim } => write!(f, "{}manifest.json", Build(id, *claim)),
            Self::Log(id) => write!(f, "{DEPLOYMENTS}{id}/build.log.zst"),
            Self::Result(id) => write!(f, "{DEPLOYMENTS}{id}/result.json"),
            Self::Deleted(id) => write!(f, "{DEPLOYMENTS}{id}/deleted.json"),
            Self::LegacyArtifact { id, path } => write!(f, "{DEPLOYMENTS}{id}/dist/{path}"),
        }
    }
}

/// The folder of a build claim's objects.
struct Build<'a>(&'a DeploymentId, ClaimNumber);

impl fmt::Display for Build<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.1 {
            ClaimNumber::FIRST => write!(f, "{DEPLOYMENTS}{}/", self.0),
            claim => write!(f, "{DEPLOYMENTS}{}/claims/{claim}/", self.0),
        }
    }
}

/// The folder of an intake claim's objects.
struct Intake<'a>(&'a DeploymentId, ClaimNumber);

impl fmt::Display for Intake<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.1 {
            ClaimNumber::FIRST => write!(f, "{DEPLOYMENTS}{}/", self.0),
            claim => write!(f, "{DEPLOYMENTS}{}/intake/{claim}/", self.0),
        }
    }
}

/// What to list. A prefix always ends with a slash.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum KeyPrefix {
    /// Everything of a deployment.
    Deployment(DeploymentId),
    /// The artifacts of a build claim.
    Artifacts {
        /// Whose.
        id: DeploymentId,
        /// The build claim.
        claim: ClaimNumber,
    },
    /// The site that the Node system published.
    LegacyDist(DeploymentId),
    /// Loose source files, among everything else of the deployment: leave out what
    /// [is reserved](ObjectKey::is_reserved).
    Loose(DeploymentId),
    /// The marks and objects of build claims.
    BuildClaims(DeploymentId),
    /// The marks and objects of intake claims.
    IntakeClaims(DeploymentId),
}

impl fmt::Display for KeyPrefix {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Deployment(id) | Self::Loose(id) => write!(f, "{DEPLOYMENTS}{id}/"),
            Self::Artifacts { id, claim } => write!(f, "{}dist/", Build(id, *claim)),
            Self::LegacyDist(id) => write!(f, "{DEPLOYMENTS}{id}/dist/"),
            Self::BuildClaims(id) => write!(f, "{DEPLOYMENTS}{id}/claims/"),
            Self::IntakeClaims(id) => write!(f, "{DEPLOYMENTS}{id}/intake/"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn id() -> DeploymentId {
        "k3v9x2m7q4tzb8wd".parse().unwrap()
    }

    fn path(text: &str) -> RelPath {
        text.parse().unwrap()
    }

    #[test]
    fn the_first_claim_has_the_short_keys_of_the_contract() {
        let claim = ClaimNumber::FIRST;
        for (key, text) in [
            (ObjectKey::Birth(id()), "deployment.json"),
            (ObjectKey::Source { id: id(), claim }, "source.tar.zst"),
            (ObjectKey::SourceInfo { id: id(), claim }, "source.json"),
            (ObjectKey::BuildClaim { id: id(), claim }, "claims/1.json"),
            (ObjectKey::IntakeClaim { id: id(), claim }, "intake/1.json"),
            (ObjectKey::ClaimLog { id: id(), claim }, "claims/1.log.zst"),
            (ObjectKey::IntakeLog { id: id(), claim }, "intake/1.log.zst"),
            (ObjectKey::Loose { id: id(), path: path("src/a.js") }, "src/a.js"),
            (ObjectKey::Artifact { id: id(), claim, path: path("a/b.html") }, "dist/a/b.html"),
            (ObjectKey::Manifest { id: id(), claim }, "manifest.json"),
            (ObjectKey::Log(id()), "build.log.zst"),
            (ObjectKey::Result(id()), "result.json"),
            (ObjectKey::Deleted(id()), "deleted.json"),
            (ObjectKey::LegacyArtifact { id: id(), path: path("a.html") }, "dist/a.html"),
        ] {
            assert_eq!(key.to_string(), format!("output/k3v9x2m7q4tzb8wd/{text}"));
        }
    }

    #[test]
    fn later_claims_have_folders_of_their_own() {
        let claim = ClaimNumber::new(2).unwrap();
        for (key, text) in [
            (ObjectKey::Source { id: id(), claim }, "intake/2/source.tar.zst"),
            (ObjectKey::SourceInfo { id: id(), claim }, "intake/2/source.json"),
            (ObjectKey::BuildClaim { id: id(), claim }, "claims/2.json"),
            (ObjectKey::IntakeClaim { id: id(), claim }, "intake/2.json"),
            (ObjectKey::Artifact { id: id(), claim, path: path("a") }, "claims/2/dist/a"),
            (ObjectKey::Manifest { id: id(), claim }, "claims/2/manifest.json"),
        ] {
            assert_eq!(key.to_string(), format!("output/k3v9x2m7q4tzb8wd/{text}"));
        }
    }

    #[test]
    fn every_prefix_ends_with_a_slash() {
        let claim = ClaimNumber::new(3).unwrap();
        for (prefix, text) in [
            (KeyPrefix::Deployment(id()), ""),
            (KeyPrefix::Loose(id()), ""),
            (KeyPrefix::Artifacts { id: id(), claim: ClaimNumber::FIRST }, "dist/"),
            (KeyPrefix::Artifacts { id: id(), claim }, "claims/3/dist/"),
            (KeyPrefix::LegacyDist(id()), "dist/"),
            (KeyPrefix::BuildClaims(id()), "claims/"),
            (KeyPrefix::IntakeClaims(id()), "intake/"),
        ] {
            assert_eq!(prefix.to_string(), format!("output/k3v9x2m7q4tzb8wd/{text}"));
        }
    }

    #[test]
    fn loose_files_never_take_a_key_that_means_something() {
        for text in [
            "result.json",
            "dist/index.html",
            "claims/1.json",
            "intake/2/source.json",
            "dist",
            "variants.json",
        ] {
            assert!(ObjectKey::is_reserved(&path(text)), "{text}");
        }
        for text in ["package.json", "src/result.json", "distribution/a", "app/dist/a"] {
            assert!(!ObjectKey::is_reserved(&path(text)), "{text}");
        }
    }
}
