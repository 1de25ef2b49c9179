//! The labels on everything we make, so that it can be found and removed without a list elsewhere.

use shipstack_types::{ClaimNumber, DeploymentId, Timestamp, WorkerId};
use std::collections::HashMap;

/// The deployment a thing belongs to.
pub const DEPLOYMENT: &str = "shipstack.deployment";
/// The build claim a thing belongs to.
pub const CLAIM: &str = "shipstack.claim";
/// The worker that made a thing; on everything.
pub const WORKER: &str = "shipstack.worker";
/// The installation a thing belongs to; on everything. Several may share an engine, and none knows the others' leases.
pub const INSTALLATION: &str = "shipstack.installation";
/// When a thing was made, in milliseconds since the Unix epoch by the worker's clock; on everything.
pub const CREATED: &str = "shipstack.created";

/// Whose a container, network or volume is.
#[derive(Clone, Debug)]
pub(crate) struct Owner {
    pub(crate) installation: String,
    pub(crate) worker: WorkerId,
    pub(crate) created: Timestamp,
    /// `None` for what serves all builds of a worker.
    pub(crate) claim: Option<(DeploymentId, ClaimNumber)>,
}

impl Owner {
    pub(crate) fn labels(&self) -> HashMap<String, String> {
        let mut labels = HashMap::from([
            (INSTALLATION.to_owned(), self.installation.clone()),
            (WORKER.to_owned(), self.worker.to_string()),
            (CREATED.to_owned(), self.created.as_millis().to_string()),
        ]);
        if let Some((deployment, claim)) = &self.claim {
            labels.insert(DEPLOYMENT.to_owned(), deployment.to_string());
            labels.insert(CLAIM.to_owned(), claim.to_string());
        }
        labels
    }

    /// The name of what there is one of per claim, or per worker: a second create is refused by the engine.
    pub(crate) fn name(&self) -> String {
        match &self.claim {
            Some((deployment, claim)) => format!("shipstack-{deployment}-{claim}"),
            None => format!("shipstack-egress-{}", self.worker),
        }
    }
}

/// Reads the labels of a thing; `None` when it is not ours.
pub(crate) fn owner_of(labels: &HashMap<String, String>) -> Option<Owner> {
    let installation = labels.get(INSTALLATION)?.clone();
    let worker = serde_json::from_value(labels.get(WORKER)?.as_str().into()).ok()?;
    let created = labels.get(CREATED).and_then(|millis| millis.parse().ok()).unwrap_or(0);
    let claim = labels
        .get(DEPLOYMENT)
        .and_then(|id| id.parse().ok())
        .zip(labels.get(CLAIM).and_then(|number| number.parse().ok()).and_then(ClaimNumber::new));
    Some(Owner { installation, worker, created: Timestamp::from_millis(created), claim })
}
