//! `POST /deploy`: a repository's URL in, an id out.

use crate::app::App;
use crate::{git_source, id, problems};
use actix_web::web::{Data, Payload};
use actix_web::{HttpRequest, HttpResponse};
use serde::Deserialize;
use serde_json::json;
use shipstack_http::{ApiResult, BodyLimits, Problem, read_json};
use shipstack_service::deployment_span;
use shipstack_types::{BuildOptions, Code};

/// Largest body (contract §1).
const MAX_BYTES: u64 = 16 * 1024;

/// The body. Fields that we do not know are let be: the Node system's clients may send them.
#[derive(Deserialize)]
struct Body {
    #[serde(alias = "repoUrl", alias = "repo_url", alias = "url")]
    repourl: Option<String>,
}

/// Validated, recorded and queued before the answer; the clone goes on after it.
pub(crate) async fn deploy(app: Data<App>, request: HttpRequest, payload: Payload) -> ApiResult {
    crate::deployments::refuse_encoded(&request)?;
    let body: Body = read_json(&request, payload, BodyLimits::document(MAX_BYTES)).await?;
    let text = body.repourl.ok_or_else(|| Problem::new(Code::InvalidUrl))?;
    let url = git_source::check_url(&app, &text).await?;
    app.ensure_state().await?;
    let birth = app.records.accept_git(id::mint(), (url, None), BuildOptions::default()).await;
    let birth = birth.map_err(|error| problems::from_records(&error))?;
    deployment_span("accept", &birth.id).in_scope(|| tracing::info!("deployment accepted"));
    Ok(HttpResponse::Ok().json(json!({ "id": birth.id })))
}
