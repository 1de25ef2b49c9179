//! `GET /v1/openapi.json`: the contract as `OpenAPI` 3.1, made from the handlers and types themselves.
//!
//! A copy is committed beside the manifest (`openapi.json`); a test fails when it is stale, and the dashboard's types
//! are generated from it.

mod elsewhere;
mod nullable;
mod refusals;
mod schemas;
mod streamed;

pub(crate) use schemas::{Binary, ClassicProblem, Readiness};
pub(crate) use streamed::{DeploymentChanged, DeploymentDeleted, LogEnd};

use crate::deployments::{builds, cancel, create, delete, files, list, redeploy, show};
use crate::{classic, health, server_info, session};
use actix_web::HttpResponse;
use nullable::AlwaysSent;
use refusals::Refusals;
use shipstack_http::{ProblemDocument, SESSION_COOKIE};
use shipstack_types::LogLine;
use std::sync::LazyLock;
use utoipa::openapi::security::{ApiKey, ApiKeyValue, HttpAuthScheme, HttpBuilder, SecurityScheme};
use utoipa::{Modify, OpenApi};

#[derive(OpenApi)]
#[openapi(
    info(title = "shipstack", description = "Deploy a repository or an archive, watch it, open it."),
    paths(
        create::create, list::list, show::show, delete::delete, cancel::cancel, redeploy::redeploy,
        builds::builds, elsewhere::logs, files::files, files::file,
        elsewhere::events, server_info::server, session::sign_in, session::sign_out, elsewhere::openapi,
        classic::deploy::deploy, classic::status::status,
        elsewhere::health, elsewhere::livez, health::readyz, elsewhere::metrics,
    ),
    components(schemas(ProblemDocument, LogLine)),
    tags(
        (name = "deployments", description = "A deployment: one source, built once, served for ever."),
        (name = "files", description = "What a deployment published."),
        (name = "server", description = "The installation, and sessions of browsers."),
        (name = "health", description = "Whether the process is up and able to work."),
        (name = "classic", description = "The Node system's own routes; they stay for ever."),
    ),
    security((), ("token" = []), ("session" = [])),
    modifiers(&Security, &AlwaysSent, &Refusals),
)]
struct Document;

/// The two ways to show who calls; without `SHIPSTACK_TOKEN` neither is needed.
struct Security;

impl Modify for Security {
    fn modify(&self, document: &mut utoipa::openapi::OpenApi) {
        let components = document.components.get_or_insert_default();
        let token = HttpBuilder::new().scheme(HttpAuthScheme::Bearer).build();
        components.add_security_scheme("token", SecurityScheme::Http(token));
        let session = ApiKey::Cookie(ApiKeyValue::new(SESSION_COOKIE));
        components.add_security_scheme("session", SecurityScheme::ApiKey(session));
    }
}

static TEXT: LazyLock<String> = LazyLock::new(|| {
    let document = Document::openapi();
    // A document of texts and lists has nothing that JSON cannot say; were it so, the snapshot test would fail.
    document.to_pretty_json().unwrap_or_default() + "\n"
});

/// The document.
pub(crate) async fn document() -> HttpResponse {
    HttpResponse::Ok().content_type("application/json").body(TEXT.as_str())
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::path::Path;

    #[test]
    fn the_committed_document_is_the_one_that_is_served() {
        let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("openapi.json");
        if std::env::var_os("SHIPSTACK_UPDATE").is_some() {
            std::fs::write(&path, TEXT.as_str()).unwrap();
        }
        let committed = std::fs::read_to_string(&path).unwrap_or_default();
        assert!(TEXT.len() > 10_000, "the document could not be written");
        assert!(
            committed == *TEXT,
            "upload-service/openapi.json is stale: SHIPSTACK_UPDATE=1 cargo test -p upload-service --lib openapi"
        );
    }

    #[test]
    fn every_operation_has_a_name_and_every_refusal_its_form() {
        let document: serde_json::Value = serde_json::from_str(&TEXT).unwrap();
        assert_eq!(document["openapi"], "3.1.0");
        let paths = document["paths"].as_object().unwrap();
        for (path, methods) in paths {
            for (method, operation) in methods.as_object().unwrap() {
                let default = operation["responses"]["default"].to_string();
                let classic = path == "/deploy" || path == "/status";
                let form = if classic { "ClassicProblem" } else { "ProblemDocument" };
                assert!(default.contains(form), "{method} {path}: {default}");
                assert!(
                    operation["operationId"].is_string() && operation["summary"].is_string(),
                    "{method} {path}"
                );
            }
        }
        assert!(paths.len() >= 17, "{}", paths.len());
    }
}
