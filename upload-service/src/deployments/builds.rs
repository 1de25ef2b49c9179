//! `GET /v1/deployments/{id}/builds`: its attempts, and what was made from it.

use super::show::{known, parse_id};
use crate::app::App;
use crate::problems;
use actix_web::HttpResponse;
use actix_web::web::{Data, Path};
use shipstack_http::{ApiResult, ProblemDocument};
use shipstack_types::{Builds, DeploymentId};

/// List attempts and redeploys
#[utoipa::path(
    get, path = "/v1/deployments/{id}/builds", tag = "deployments", operation_id = "listBuilds",
    params(("id" = DeploymentId, Path, description = "The deployment.")),
    responses(
        (status = 200, description = "How often it was tried, and what was made from it.", body = Builds),
        (status = 404, description = "Nobody knows it.", body = ProblemDocument,
            content_type = "application/problem+json"),
    ),
)]
pub(crate) async fn builds(app: Data<App>, id: Path<String>) -> ApiResult {
    let deployment = known(&app, &parse_id(&id)?).await?;
    let builds = app.records.builds(&deployment, &app.urls).await;
    Ok(HttpResponse::Ok().json(builds.map_err(|error| problems::from_records(&error))?))
}
