//! What can go wrong with the engine itself. What a build does wrong is no error but an [`crate::ExitClass`].

use bollard::errors::Error as DockerError;
use shipstack_types::{Code, Failure, Phase};
use std::io;
use std::path::PathBuf;
use thiserror::Error;

/// A fault of the engine or of its surroundings; never the project's.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum EngineError {
    /// The engine does not answer, or stopped answering in the middle.
    #[error("the engine does not answer ({doing})")]
    Unavailable {
        /// What was asked.
        doing: &'static str,
        /// The client's error.
        source: Box<DockerError>,
    },
    /// The engine is there and this user may not talk to it.
    #[error("the engine refuses this user")]
    PermissionDenied {
        /// The client's error.
        source: Box<DockerError>,
    },
    /// The engine answered that it cannot.
    #[error("the engine cannot do this ({doing})")]
    Refused {
        /// What was asked.
        doing: &'static str,
        /// The engine's answer.
        source: Box<DockerError>,
    },
    /// The disk that the engine lives on is full, or nearly.
    #[error("the engine's disk is full ({doing})")]
    DiskFull {
        /// What was asked.
        doing: &'static str,
    },
    /// The builder image is not there and could not be had.
    #[error("the builder image {image} is not there: {why}")]
    ImageMissing {
        /// The image.
        image: String,
        /// What was tried.
        why: String,
    },
    /// The configured runtime is not known to the engine.
    #[error("the engine does not know the runtime {runtime}")]
    RuntimeMissing {
        /// The runtime.
        runtime: String,
    },
    /// There is a sandbox for this claim already.
    #[error("{name} exists already")]
    AlreadyExists {
        /// The container's name.
        name: String,
    },
    /// The egress proxy did not start, or died while a build needed it.
    #[error("the egress proxy is gone: {why}")]
    EgressLost {
        /// What was seen.
        why: String,
    },
    /// The container ended and neither the build nor a limit did it: a restarted engine, a person.
    #[error("the container is lost: {why}")]
    ContainerLost {
        /// What was seen.
        why: String,
    },
    /// The CA bundle cannot be read.
    #[error("the CA file {} cannot be read", path.display())]
    CaFile {
        /// The file.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// A file that TLS with the engine needs cannot be read.
    #[error("{} cannot be read, which TLS with the engine needs", path.display())]
    Certificate {
        /// The file.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// The stream that fills the workspace broke off.
    #[error("the source broke off")]
    Source {
        /// Why.
        source: io::Error,
    },
    /// Something was left behind; the janitor will come back to it.
    #[error("not removed: {}", what.join(", "))]
    Leaked {
        /// Kind, name and reason of each.
        what: Vec<String>,
    },
}

impl EngineError {
    /// The error of a call, told apart by what a person or a retry can do about it.
    pub(crate) fn of(doing: &'static str, error: DockerError) -> Self {
        let source = Box::new(error);
        match source.as_ref() {
            DockerError::DockerResponseServerError { message, .. } if is_disk_full(message) => {
                Self::DiskFull { doing }
            }
            DockerError::DockerResponseServerError { .. } => Self::Refused { doing, source },
            _ if is_permission(&source) => Self::PermissionDenied { source },
            _ => Self::Unavailable { doing, source },
        }
    }

    /// The failure that a deployment ends with when this cannot be retried away.
    #[must_use]
    pub fn failure(&self, phase: Phase) -> Failure {
        let code = match self {
            Self::PermissionDenied { .. } => Code::EnginePermissionDenied,
            Self::ImageMissing { .. } | Self::RuntimeMissing { .. } => Code::ImageMissing,
            Self::DiskFull { .. } => Code::DiskFull,
            Self::Source { .. } | Self::CaFile { .. } => Code::Internal,
            _ => Code::EngineUnavailable,
        };
        Failure::new(phase, code).message(self.to_string())
    }
}

fn is_disk_full(message: &str) -> bool {
    message.contains("no space left on device") || message.contains("disk quota exceeded")
}

/// The kind is buried under the HTTP client's own error.
fn is_permission(error: &DockerError) -> bool {
    // This one passes itself off as its own cause.
    if let DockerError::IOError { err } = error {
        return err.kind() == io::ErrorKind::PermissionDenied;
    }
    let mut cause: Option<&(dyn std::error::Error + 'static)> = Some(error);
    while let Some(error) = cause {
        if error.downcast_ref::<io::Error>().is_some_and(|io| io.kind() == io::ErrorKind::PermissionDenied) {
            return true;
        }
        cause = error.source();
    }
    false
}

/// Whether the engine said that there is no such thing.
pub(crate) fn is_not_found(error: &DockerError) -> bool {
    status(error) == Some(404)
}

/// Whether the engine said that the name is taken, or the thing in use.
pub(crate) fn is_conflict(error: &DockerError) -> bool {
    status(error) == Some(409)
}

fn status(error: &DockerError) -> Option<u16> {
    match error {
        DockerError::DockerResponseServerError { status_code, .. } => Some(*status_code),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use shipstack_types::Fault;

    #[test]
    fn what_stands_in_the_way_of_a_build_is_named_and_is_the_platforms() {
        let refused = io::Error::from(io::ErrorKind::PermissionDenied);
        let gone = io::Error::from(io::ErrorKind::ConnectionRefused);
        let full = DockerError::DockerResponseServerError {
            status_code: 500,
            message: "write /var/lib/x: no space left on device".to_owned(),
        };
        let missing =
            EngineError::ImageMissing { image: "builder".to_owned(), why: "no such image".to_owned() };
        for (error, code, remedy) in [
            (EngineError::of("ping", refused.into()), Code::EnginePermissionDenied, "docker group"),
            (EngineError::of("ping", gone.into()), Code::EngineUnavailable, "shipstack doctor"),
            (EngineError::of("create", full), Code::DiskFull, "makes room"),
            (missing, Code::ImageMissing, "shipstack builder make"),
        ] {
            let failure = error.failure(Phase::Preparing);
            assert_eq!((failure.code, failure.fault), (code, Fault::Platform), "{failure:?}");
            assert!(failure.remedy.contains(remedy), "{failure:?}");
        }
    }
}
