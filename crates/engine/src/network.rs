//! Networks: one of its own for each build, one uplink for the proxy.

use crate::client::Client;
use crate::error::{EngineError, is_conflict};
use crate::labels::Owner;
use bollard::models::NetworkCreateRequest;
use std::collections::HashMap;

/// What is on the other side of a network.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Reach {
    /// Nothing: its bridge has no address on the host, so that from inside there is neither host, nor gateway, nor
    /// metadata service.
    Internal,
    /// Whatever the host reaches.
    Outside,
}

/// Creates a network and answers its id.
pub(crate) async fn create(client: &Client, owner: &Owner, reach: Reach) -> Result<String, EngineError> {
    let internal = reach == Reach::Internal;
    let inhibit = ("com.docker.network.bridge.inhibit_ipv4".to_owned(), "true".to_owned());
    let request = NetworkCreateRequest {
        name: owner.name(),
        driver: Some("bridge".to_owned()),
        internal: Some(internal),
        attachable: Some(false),
        enable_ipv6: Some(false),
        options: Some(if internal { HashMap::from([inhibit]) } else { HashMap::new() }),
        labels: Some(owner.labels()),
        ..NetworkCreateRequest::default()
    };
    match client.quick.create_network(request).await {
        Ok(created) => Ok(created.id),
        Err(error) if is_conflict(&error) => Err(EngineError::AlreadyExists { name: owner.name() }),
        Err(error) => Err(EngineError::of("create a network", error)),
    }
}
