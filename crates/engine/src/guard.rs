//! What was made for a sandbox, and its removal.
//!
//! Guarantees: a thing is noted before it is made, so nothing made is forgotten; removal goes on past a failure and
//! names everything that stayed; what is gone already counts as removed.

use crate::client::Client;
use crate::error::{EngineError, is_conflict, is_not_found};
use bollard::errors::Error as DockerError;
use bollard::query_parameters::{RemoveContainerOptions, RemoveVolumeOptions};
use std::time::Duration;
use tokio::time::sleep;

/// A network with an endpoint that is just going, or a container that is just being removed, frees itself in moments.
const BUSY_PAUSES: [u64; 5] = [50, 100, 200, 400, 800];

/// The things of one sandbox, by name or id.
#[derive(Clone, Debug, Default)]
pub(crate) struct Made {
    pub(crate) container: Option<String>,
    pub(crate) network: Option<String>,
    pub(crate) volume: Option<String>,
}

impl Made {
    /// Removes everything: the container first, for the others are in its use; they go side by side.
    pub(crate) async fn remove(&self, client: &Client) -> Result<(), EngineError> {
        let mut what = Vec::new();
        if let Some(id) = &self.container {
            what.extend(left("container", id, until_free(|| remove_container(client, id)).await));
        }
        let network = async {
            let id = self.network.as_ref()?;
            left("network", id, until_free(|| client.quick.remove_network(id)).await)
        };
        let volume = async {
            let name = self.volume.as_ref()?;
            left("volume", name, until_free(|| remove_volume(client, name)).await)
        };
        let (network, volume) = tokio::join!(network, volume);
        what.extend(network.into_iter().chain(volume));
        if what.is_empty() { Ok(()) } else { Err(EngineError::Leaked { what }) }
    }
}

async fn remove_container(client: &Client, id: &str) -> Result<(), DockerError> {
    let options = RemoveContainerOptions { force: true, v: true, link: false };
    client.quick.remove_container(id, Some(options)).await
}

async fn remove_volume(client: &Client, name: &str) -> Result<(), DockerError> {
    client.quick.remove_volume(name, None::<RemoveVolumeOptions>).await
}

/// Repeats a removal while the engine says that the thing is in use.
async fn until_free<F, R>(remove: F) -> Result<(), DockerError>
where
    F: Fn() -> R,
    R: Future<Output = Result<(), DockerError>>,
{
    for pause in BUSY_PAUSES {
        match remove().await {
            Err(error) if is_busy(&error) => sleep(Duration::from_millis(pause)).await,
            other => return other,
        }
    }
    remove().await
}

/// Networks say 403 when they have endpoints, containers and volumes 409.
fn is_busy(error: &DockerError) -> bool {
    is_conflict(error) || matches!(error, DockerError::DockerResponseServerError { status_code: 403, .. })
}

fn left(kind: &str, name: &str, result: Result<(), DockerError>) -> Option<String> {
    match result {
        Err(error) if !is_not_found(&error) => Some(format!("{kind} {name} ({error})")),
        _ => None,
    }
}
