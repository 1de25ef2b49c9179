//! New ids.

use shipstack_types::DeploymentId;

/// A new deployment's id, from the system's randomness: nobody can guess it.
pub(crate) fn mint() -> DeploymentId {
    DeploymentId::from_random(shipstack_service::random())
}
