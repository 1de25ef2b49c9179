//! Routes, and nothing else.

use crate::{classic, deployments, events, health};
use actix_web::web::{ServiceConfig, get, post, resource};

/// The routes that answer in the Node system's shape, with the message of each.
pub(crate) const CLASSIC: &[(&str, &str)] = &[("/deploy", "Deployment failed"), ("/status", "Status failed")];

/// Every route of the API.
pub(crate) fn routes(config: &mut ServiceConfig) {
    config
        .service(resource("/deploy").route(post().to(classic::deploy)))
        .service(resource("/status").route(get().to(classic::status)))
        .service(resource("/health").route(get().to(shipstack_http::classic_health)))
        .service(resource("/livez").route(get().to(shipstack_http::livez)))
        .service(resource("/readyz").route(get().to(health::readyz)))
        .service(resource("/metrics").route(get().to(health::metrics)))
        .service(resource("/v1/deployments").route(post().to(deployments::create)))
        .service(resource("/v1/deployments/{id}").route(get().to(deployments::show)))
        .service(resource("/v1/deployments/{id}/logs").route(get().to(deployments::logs)))
        .service(resource("/v1/events").route(get().to(events::events)));
}
