//! Routes, and nothing else. `HEAD` is answered wherever `GET` is, by a layer.

use crate::deployments::{builds, cancel, create, delete, files, list, redeploy, show};
use crate::{classic, dashboard, deployments, events, health, openapi, server_info, session};
use actix_web::http::Method;
use actix_web::web::{self, ServiceConfig, get, post, resource};

/// The routes that answer in the Node system's shape, with the message of each.
pub(crate) const CLASSIC: &[(&str, &str)] = &[("/deploy", "Deployment failed"), ("/status", "Status failed")];

/// Whether a request asks for a new deployment: these have a rate limit of their own.
pub(crate) fn makes_a_deployment(method: &Method, path: &str) -> bool {
    let creates = matches!(path, "/deploy" | "/v1/deployments");
    *method == Method::POST && (creates || path.ends_with("/redeploy"))
}

/// Every route of the API.
pub(crate) fn routes(config: &mut ServiceConfig) {
    config
        .service(resource("/deploy").route(post().to(classic::deploy::deploy)))
        .service(resource("/status").route(get().to(classic::status::status)))
        .service(resource("/health").route(get().to(shipstack_http::classic_health)))
        .service(resource("/livez").route(get().to(shipstack_http::livez)))
        .service(resource("/readyz").route(get().to(health::readyz)))
        .service(resource("/metrics").route(get().to(health::metrics)))
        .service(resource("/v1/events").route(get().to(events::events)))
        .service(resource("/v1/openapi.json").route(get().to(openapi::document)))
        .service(resource("/v1/server").route(get().to(server_info::server)))
        .service(
            resource("/v1/session")
                .route(post().to(session::sign_in))
                .route(web::delete().to(session::sign_out)),
        )
        .configure(of_deployments)
        .default_service(web::to(dashboard::serve));
}

fn of_deployments(config: &mut ServiceConfig) {
    config
        .service(resource("/v1/deployments").route(get().to(list::list)).route(post().to(create::create)))
        .service(
            resource("/v1/deployments/{id}")
                .route(get().to(show::show))
                .route(web::delete().to(delete::delete)),
        )
        .service(resource("/v1/deployments/{id}/logs").route(get().to(deployments::logs)))
        .service(resource("/v1/deployments/{id}/builds").route(get().to(builds::builds)))
        .service(resource("/v1/deployments/{id}/cancel").route(post().to(cancel::cancel)))
        .service(resource("/v1/deployments/{id}/redeploy").route(post().to(redeploy::redeploy)))
        .service(resource("/v1/deployments/{id}/files").route(get().to(files::files)))
        .service(resource("/v1/deployments/{id}/files/{path:.*}").route(get().to(files::file)));
}
