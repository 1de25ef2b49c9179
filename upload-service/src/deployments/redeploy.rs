//! `POST /v1/deployments/{id}/redeploy`: a new deployment from the same snapshot.

use super::accepted::accepted;
use super::show::parse_id;
use crate::app::App;
use crate::idempotency::{Asked, ask};
use crate::problems;
use actix_web::HttpRequest;
use actix_web::web::{Data, Path};
use serde_json::json;
use shipstack_http::{ApiResult, Problem, ProblemDocument};
use shipstack_records::Redeployed;
use shipstack_service::request_span;
use shipstack_types::{Birth, BuildOptions, Code, Deployment, DeploymentId};
use tracing::Instrument as _;

/// Deploy the same source again
///
/// The new deployment has the snapshot, and what was asked of the build, of the earlier one.
#[utoipa::path(
    post, path = "/v1/deployments/{id}/redeploy", tag = "deployments", operation_id = "redeploy",
    params(
        ("id" = DeploymentId, Path, description = "The earlier deployment."),
        ("Idempotency-Key" = Option<String>, Header, description = "A repeat within a day gives the same deployment."),
    ),
    responses(
        (status = 202, description = "The new deployment.", body = Deployment,
            headers(("Location" = String, description = "Where it is."))),
        (status = 404, description = "Nobody knows the earlier one.", body = ProblemDocument,
            content_type = "application/problem+json"),
        (status = 422, description = "The earlier one never got a source.", body = ProblemDocument,
            content_type = "application/problem+json"),
    ),
)]
pub(crate) async fn redeploy(app: Data<App>, request: HttpRequest, id: Path<String>) -> ApiResult {
    Box::pin(answered(app, request, id)).instrument(request_span()).await
}

async fn answered(app: Data<App>, request: HttpRequest, id: Path<String>) -> ApiResult {
    let parent = parse_id(&id)?;
    app.admit().await?;
    let birth = match ask(&app, &request, &json!(["redeploy", parent]), BuildOptions::default()).await? {
        Asked::Before(birth) => *birth,
        Asked::New(new) => {
            let redeployed = app.records.redeploy(&parent, *new).await;
            born(redeployed.map_err(|error| problems::from_records(&error))?)?
        }
    };
    Ok(accepted(&app, birth).await)
}

fn born(redeployed: Redeployed) -> Result<Birth, Problem> {
    match redeployed {
        Redeployed::Accepted(birth) => Ok(*birth),
        Redeployed::Unknown => Err(Problem::new(Code::NotFound)),
        Redeployed::NoSource => Err(Problem::new(Code::SourceMissing)
            .detail("The deployment has no source that could be deployed again.")
            .remedy("Deploy the repository or the archive itself.")),
    }
}
