//! `GET /v1/deployments/{id}`: everything known of one.

use crate::app::App;
use crate::problems;
use actix_web::HttpResponse;
use actix_web::web::{Data, Path};
use shipstack_http::{ApiResult, Problem, ProblemDocument};
use shipstack_types::{Code, Deployment, DeploymentId};

/// Show a deployment
#[utoipa::path(
    get, path = "/v1/deployments/{id}", tag = "deployments", operation_id = "showDeployment",
    params(("id" = DeploymentId, Path, description = "The deployment.")),
    responses(
        (status = 200, description = "Everything known of it.", body = Deployment),
        (status = 404, description = "Nobody knows it.", body = ProblemDocument,
            content_type = "application/problem+json"),
    ),
)]
pub(crate) async fn show(app: Data<App>, id: Path<String>) -> ApiResult {
    let deployment = known(&app, &parse_id(&id)?).await?;
    Ok(HttpResponse::Ok().json(deployment))
}

/// The deployment, or 404.
pub(super) async fn known(app: &App, id: &DeploymentId) -> Result<Deployment, Problem> {
    let view = app.records.detail(id, &app.urls).await.map_err(|error| problems::from_records(&error))?;
    view.ok_or_else(|| Problem::new(Code::NotFound))
}

/// A text that can be no id belongs to no deployment.
pub(super) fn parse_id(text: &str) -> Result<DeploymentId, Problem> {
    text.parse().map_err(|_| Problem::new(Code::NotFound))
}
