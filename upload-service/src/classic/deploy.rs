//! `POST /deploy`: a repository's URL in, an id out.

use crate::app::App;
use crate::idempotency::{Asked, ask};
use crate::openapi::ClassicProblem;
use crate::trace::say_accepted;
use crate::{git_source, prefer, problems};
use actix_web::web::{Data, Payload};
use actix_web::{HttpRequest, HttpResponse};
use serde::{Deserialize, Serialize};
use serde_json::json;
use shipstack_http::{ApiResult, BodyLimits, Problem, read_json};
use shipstack_service::request_span;
use shipstack_types::{Birth, BuildOptions, Code, DeploymentId, GitUrl};
use tracing::Instrument as _;
use utoipa::ToSchema;

/// Largest body (contract §1).
const MAX_BYTES: u64 = 16 * 1024;

/// A repository. Fields that we do not know are let be: the Node system's clients may send them.
#[derive(Deserialize, ToSchema)]
pub(crate) struct ClassicRequest {
    /// Its http or https URL; `repoUrl`, `repo_url` and `url` are taken too.
    #[serde(alias = "repoUrl", alias = "repo_url", alias = "url")]
    #[schema(required)]
    repourl: Option<String>,
}

/// The new deployment.
#[derive(Serialize, ToSchema)]
pub(crate) struct ClassicAccepted {
    id: DeploymentId,
}

/// Deploy a repository
///
/// As the Node system had it. Validated, recorded and queued before the answer; the clone goes on after it.
#[utoipa::path(
    post, path = "/deploy", tag = "classic", operation_id = "classicDeploy",
    params(
        ("Prefer" = Option<String>, Header, description = "`wait=<seconds>`, at most 60: the answer comes once the source is in."),
        ("Idempotency-Key" = Option<String>, Header, description = "A repeat within a day gives the same deployment."),
    ),
    request_body = ClassicRequest,
    responses(
        (status = 200, description = "It is recorded and queued.", body = ClassicAccepted),
        (status = 400, description = "Not acceptable.", body = ClassicProblem),
        (status = 413, description = "More than 16 KiB.", body = ClassicProblem),
        (status = 415, description = "Not JSON.", body = ClassicProblem),
        (status = 422, description = "With `Prefer: wait`: the source could not be had. Or `key_reused`.",
            body = ClassicProblem),
        (status = 503, description = "Redis or the object store is out of reach.", body = ClassicProblem),
    ),
)]
pub(crate) async fn deploy(app: Data<App>, request: HttpRequest, payload: Payload) -> ApiResult {
    Box::pin(answered(app, request, payload)).instrument(request_span()).await
}

async fn answered(app: Data<App>, request: HttpRequest, payload: Payload) -> ApiResult {
    crate::deployments::refuse_encoded(&request)?;
    let body: ClassicRequest = read_json(&request, payload, BodyLimits::document(MAX_BYTES)).await?;
    let text = body.repourl.ok_or_else(|| Problem::new(Code::InvalidUrl))?;
    let url = git_source::check_url(&app, &text).await?;
    app.admit().await?;
    let birth = accept(&app, &request, url).await?;
    say_accepted(&birth);
    prefer::source_in(&app, &request, &birth.id).await?;
    Ok(HttpResponse::Ok().json(ClassicAccepted { id: birth.id }))
}

async fn accept(app: &App, request: &HttpRequest, url: GitUrl) -> Result<Birth, Problem> {
    match ask(app, request, &json!(["classic", url]), BuildOptions::default()).await? {
        Asked::Before(birth) => Ok(*birth),
        Asked::New(new) => {
            let birth = app.records.accept_git(*new, (url, None)).await;
            birth.map_err(|error| problems::from_records(&error))
        }
    }
}
