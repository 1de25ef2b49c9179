//! `GET /status?id=`: one of six words, or null, and what else a client that polls may want.

use crate::app::App;
use crate::openapi::ClassicProblem;
use crate::problems;
use actix_web::web::{Data, Query};
use actix_web::{HttpRequest, HttpResponse};
use serde::{Deserialize, Serialize};
use shipstack_http::{ApiResult, Problem};
use shipstack_records::RecordsError;
use shipstack_types::{Code, DeploymentId, DeploymentState, Phase};
use utoipa::{IntoParams, ToSchema};

#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(crate) struct Asked {
    /// The deployment.
    #[param(required)]
    id: Option<String>,
}

/// Where a deployment stands. Fields may be added, none is ever removed.
#[derive(Default, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct ClassicStatus {
    /// Its word; `null` when nobody knows the id.
    status: Option<DeploymentState>,
    /// What is being done, while it lasts.
    #[serde(skip_serializing_if = "Option::is_none")]
    phase: Option<Phase>,
    /// Why it failed.
    #[serde(skip_serializing_if = "Option::is_none")]
    error: Option<String>,
    /// Where it is, or will be, served.
    #[serde(skip_serializing_if = "Option::is_none")]
    url: Option<String>,
    /// Its place in the queue, from 1, while it waits.
    #[serde(skip_serializing_if = "Option::is_none")]
    queue_position: Option<u64>,
}

/// Say where a deployment stands
///
/// As the Node system had it: an unknown id has the status `null`.
#[utoipa::path(
    get, path = "/status", tag = "classic", operation_id = "classicStatus", params(Asked),
    responses(
        (status = 200, description = "Its word.", body = ClassicStatus),
        (status = 400, description = "The query has no id.", body = ClassicProblem),
        (status = 503, description = "Redis is out of reach.", body = ClassicProblem),
    ),
)]
pub(crate) async fn status(app: Data<App>, request: HttpRequest) -> ApiResult {
    let asked =
        Query::<Asked>::from_query(request.query_string()).ok().and_then(|asked| asked.into_inner().id);
    let text = asked.filter(|text| !text.is_empty()).ok_or_else(|| {
        Problem::new(Code::InvalidOption)
            .detail("The query has no id.")
            .remedy("Ask for /status?id=<deployment-id>.")
    })?;
    // A text that can be no id belongs to nobody, like any unknown one.
    let answer = match text.parse::<DeploymentId>() {
        Ok(id) => stands(&app, &id).await.map_err(|error| problems::from_records(&error))?,
        Err(_) => ClassicStatus::default(),
    };
    Ok(HttpResponse::Ok().json(answer))
}

/// The word alone must be had; whatever else cannot be had now is left out, for clients poll on.
async fn stands(app: &App, id: &DeploymentId) -> Result<ClassicStatus, RecordsError> {
    let Some(word) = app.records.status(id).await? else { return Ok(ClassicStatus::default()) };
    let known = ClassicStatus { status: Some(word), url: Some(app.urls.of(id)), ..ClassicStatus::default() };
    if word == DeploymentState::Failed {
        let view = app.records.view(id, &app.urls).await.ok().flatten();
        let error = view.and_then(|view| view.failure).map(|failure| failure.message);
        return Ok(ClassicStatus { error, ..known });
    }
    let running = app.records.state.job(id).await.ok().flatten().filter(|job| !job.state.is_terminal());
    Ok(match running {
        Some(job) => ClassicStatus { phase: Some(job.phase), queue_position: job.queue_position, ..known },
        None => known,
    })
}
