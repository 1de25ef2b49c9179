//! `POST /v1/deployments/{id}/cancel`: may be repeated.

use super::show::{known, parse_id};
use crate::app::App;
use crate::problems;
use actix_web::HttpResponse;
use actix_web::web::{Data, Path};
use shipstack_http::{ApiResult, Problem, ProblemDocument};
use shipstack_records::Cancelled;
use shipstack_types::{Code, Deployment, DeploymentId};
use std::time::Duration;

/// A cancelled build's container is gone by then (promise 8).
pub(super) const PATIENCE: Duration = Duration::from_secs(2);

/// Cancel a deployment
///
/// Waits up to two seconds for the end.
#[utoipa::path(
    post, path = "/v1/deployments/{id}/cancel", tag = "deployments", operation_id = "cancelDeployment",
    params(("id" = DeploymentId, Path, description = "The deployment.")),
    responses(
        (status = 200, description = "It has ended, now or before.", body = Deployment),
        (status = 202, description = "It was told and is still dying.", body = Deployment),
        (status = 404, description = "Nobody knows it.", body = ProblemDocument,
            content_type = "application/problem+json"),
        (status = 409, description = "Another end is decided already (`too_late`).", body = ProblemDocument,
            content_type = "application/problem+json"),
    ),
)]
pub(crate) async fn cancel(app: Data<App>, id: Path<String>) -> ApiResult {
    let id = parse_id(&id)?;
    let cancelled = app.records.cancel(&id, PATIENCE).await;
    let mut answer = match cancelled.map_err(|error| problems::from_records(&error))? {
        Cancelled::Ended(_) => HttpResponse::Ok(),
        Cancelled::Dying => HttpResponse::Accepted(),
        Cancelled::TooLate => return Err(Problem::new(Code::TooLate).about(id)),
        Cancelled::Unknown => return Err(Problem::new(Code::NotFound)),
    };
    Ok(answer.json(known(&app, &id).await?))
}
