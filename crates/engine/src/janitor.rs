//! Removes what workers that died left behind.
//!
//! Guarantees: touches only what carries our labels; leaves alone what a live claim holds, what this process has
//! open, and what is young. A proxy ends with its worker by itself; its network goes when nothing is in it.

use crate::client::Client;
use crate::engine::Core;
use crate::error::EngineError;
use crate::guard::Made;
use crate::labels::{INSTALLATION, Owner, owner_of};
use bollard::models::ContainerSummaryStateEnum;
use bollard::query_parameters::{ListContainersOptions, ListNetworksOptions, ListVolumesOptions};
use shipstack_types::{ClaimNumber, DeploymentId};
use std::collections::{HashMap, HashSet};
use std::time::Duration;

/// The claims that someone holds a lease for.
pub type Live = HashSet<(DeploymentId, ClaimNumber)>;

/// What a round did.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Cleaned {
    /// Removed, as kind and name.
    pub removed: Vec<String>,
    /// Still there, with the reason; the next round tries again.
    pub left: Vec<String>,
}

struct Found {
    title: String,
    /// A container that runs.
    running: bool,
    owner: Owner,
    made: Made,
}

pub(crate) async fn clean(core: &Core, live: &Live, age: Duration) -> Result<Cleaned, EngineError> {
    let mut cleaned = Cleaned::default();
    for found in find(core).await? {
        if !is_orphan(core, &found, live, age) {
            continue;
        }
        match found.made.remove(&core.client).await {
            Ok(()) => cleaned.removed.push(found.title),
            Err(error) => cleaned.left.push(error.to_string()),
        }
    }
    Ok(cleaned)
}

fn is_orphan(core: &Core, found: &Found, live: &Live, age: Duration) -> bool {
    let owner = &found.owner;
    let old = core.config.clock.now().since(owner.created) > age;
    match &owner.claim {
        Some(claim) => old && !live.contains(claim) && !core.open_claims().contains(claim),
        // Another worker's proxy runs exactly as long as that worker does.
        None => old && owner.worker != core.config.worker && !found.running,
    }
}

/// Containers first: networks and volumes are in their use.
async fn find(core: &Core) -> Result<Vec<Found>, EngineError> {
    let (client, ours) = (&core.client, ours(&core.config.installation));
    let mut found = containers(client, ours.clone()).await?;
    found.extend(networks(client, ours.clone()).await?);
    found.extend(volumes(client, ours).await?);
    Ok(found)
}

type Filters = HashMap<String, Vec<String>>;

/// Another installation on the same engine has leases that nobody here can ask for.
fn ours(installation: &str) -> Filters {
    HashMap::from([("label".to_owned(), vec![format!("{INSTALLATION}={installation}")])])
}

async fn containers(client: &Client, ours: Filters) -> Result<Vec<Found>, EngineError> {
    let options =
        ListContainersOptions { all: true, filters: Some(ours), ..ListContainersOptions::default() };
    let listed = client.quick.list_containers(Some(options)).await;
    let listed = listed.map_err(|error| EngineError::of("list containers", error))?;
    let found = listed.into_iter().filter_map(|container| {
        let made = Made { container: container.id.clone(), ..Made::default() };
        let running = container.state == Some(ContainerSummaryStateEnum::RUNNING);
        let found = found("container", container.id.as_deref()?, container.labels.as_ref()?, made)?;
        Some(Found { running, ..found })
    });
    Ok(found.collect())
}

async fn networks(client: &Client, ours: Filters) -> Result<Vec<Found>, EngineError> {
    let listed = client.quick.list_networks(Some(ListNetworksOptions { filters: Some(ours) })).await;
    let listed = listed.map_err(|error| EngineError::of("list networks", error))?;
    let found = listed.into_iter().filter_map(|network| {
        let made = Made { network: network.id, ..Made::default() };
        found("network", network.name.as_deref()?, network.labels.as_ref()?, made)
    });
    Ok(found.collect())
}

async fn volumes(client: &Client, ours: Filters) -> Result<Vec<Found>, EngineError> {
    let listed = client.quick.list_volumes(Some(ListVolumesOptions { filters: Some(ours) })).await;
    let listed = listed.map_err(|error| EngineError::of("list volumes", error))?;
    let found = listed.volumes.unwrap_or_default().into_iter().filter_map(|volume| {
        let made = Made { volume: Some(volume.name.clone()), ..Made::default() };
        found("volume", &volume.name, &volume.labels, made)
    });
    Ok(found.collect())
}

fn found(kind: &str, name: &str, labels: &HashMap<String, String>, made: Made) -> Option<Found> {
    Some(Found { title: format!("{kind} {name}"), running: false, owner: owner_of(labels)?, made })
}
