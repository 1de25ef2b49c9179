//! `DELETE /v1/deployments/{id}`: unknown to everyone from then on.

use super::cancel::PATIENCE;
use super::show::parse_id;
use crate::app::App;
use crate::problems;
use actix_web::HttpResponse;
use actix_web::web::{Data, Path};
use shipstack_http::{ApiResult, Problem, ProblemDocument};
use shipstack_records::{Cancelled, RecordsError};
use shipstack_types::{Code, DeploymentId};

/// Delete a deployment
///
/// One that has not ended is cancelled first; while it is still dying the answer is 409.
#[utoipa::path(
    delete, path = "/v1/deployments/{id}", tag = "deployments", operation_id = "deleteDeployment",
    params(("id" = DeploymentId, Path, description = "The deployment.")),
    responses(
        (status = 204, description = "It is deleted."),
        (status = 404, description = "Nobody knows it.", body = ProblemDocument,
            content_type = "application/problem+json"),
        (status = 409, description = "It has not ended yet (`conflict`).", body = ProblemDocument,
            content_type = "application/problem+json"),
    ),
)]
pub(crate) async fn delete(app: Data<App>, id: Path<String>) -> ApiResult {
    let id = parse_id(&id)?;
    // A task of its own: a client that leaves does not leave half of a deployment behind.
    let deleting = tokio::spawn(async move { cancel_and_delete(&app, &id).await });
    match deleting.await.map_err(|error| Problem::internal(&error))? {
        Ok(Deleted::Done) => Ok(HttpResponse::NoContent().finish()),
        Ok(Deleted::Unknown) => Err(Problem::new(Code::NotFound)),
        Ok(Deleted::StillRunning) => Err(Problem::new(Code::Conflict)
            .detail("The deployment has not ended yet.")
            .remedy("It is being stopped: delete it again in a moment.")
            .retry_after(PATIENCE)),
        Err(error) => Err(problems::from_records(&error)),
    }
}

enum Deleted {
    Done,
    StillRunning,
    Unknown,
}

async fn cancel_and_delete(app: &App, id: &DeploymentId) -> Result<Deleted, RecordsError> {
    // Redis may have lost it, the store never does; what is neither known nor stored is nobody's.
    let known = app.records.view(id, &app.urls).await?.is_some();
    if !known {
        return Ok(Deleted::Unknown);
    }
    if let Cancelled::Dying = app.records.cancel(id, PATIENCE).await? {
        return Ok(Deleted::StillRunning);
    }
    let deleted = app.records.delete(id).await?;
    Ok(if deleted { Deleted::Done } else { Deleted::StillRunning })
}
