//! `GET /v1/deployments/{id}`: everything known of one.

use crate::app::App;
use crate::problems;
use actix_web::HttpResponse;
use actix_web::web::{Data, Path};
use shipstack_http::{ApiResult, Problem};
use shipstack_types::{Code, DeploymentId};

/// The deployment, or 404.
pub(crate) async fn show(app: Data<App>, id: Path<String>) -> ApiResult {
    let id = parse_id(&id)?;
    let view = app.records.view(&id, &app.urls).await.map_err(|error| problems::from_records(&error))?;
    let deployment = view.ok_or_else(|| Problem::new(Code::NotFound))?;
    Ok(HttpResponse::Ok().json(deployment))
}

/// A text that can be no id belongs to no deployment.
pub(super) fn parse_id(text: &str) -> Result<DeploymentId, Problem> {
    text.parse().map_err(|_| Problem::new(Code::NotFound))
}
