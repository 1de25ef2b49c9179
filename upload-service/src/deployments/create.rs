//! `POST /v1/deployments`: a repository as JSON, or an archive as the body.

use super::{archive, git};
use crate::app::App;
use actix_web::http::header::{self, HeaderMap};
use actix_web::web::{Data, Payload};
use actix_web::{HttpRequest, HttpResponse};
use serde_json::json;
use shipstack_http::{ApiResult, Problem};
use shipstack_service::deployment_span;
use shipstack_source::ArchiveKind;
use shipstack_types::{Birth, Code, DeploymentState, SourceRequest};

/// What a content type says the body is.
enum Content {
    Json,
    /// An archive; the kind when the type names one.
    Archive(Option<ArchiveKind>),
}

/// Recorded and queued before the answer.
pub(crate) async fn create(app: Data<App>, request: HttpRequest, payload: Payload) -> ApiResult {
    refuse_encoded(&request)?;
    let birth = match content(request.headers())? {
        Content::Json => git::accept(&app, &request, payload).await?,
        Content::Archive(kind) => archive::accept(&app, &request, payload, kind).await?,
    };
    Ok(accepted(&app, birth).await)
}

/// 202 with the deployment. It is accepted whether or not it can be shown at once, so that failing changes nothing.
async fn accepted(app: &App, birth: Birth) -> HttpResponse {
    deployment_span("accept", &birth.id).in_scope(|| tracing::info!("deployment accepted"));
    let mut answer = HttpResponse::Accepted();
    answer.insert_header((header::LOCATION, format!("/v1/deployments/{}", birth.id)));
    match app.records.view(&birth.id, &app.urls).await {
        Ok(Some(deployment)) => answer.json(deployment),
        _ => answer
            .json(json!({ "id": birth.id, "status": first_state(&birth), "url": app.urls.of(&birth.id) })),
    }
}

fn first_state(birth: &Birth) -> DeploymentState {
    match birth.source {
        SourceRequest::Git { .. } => DeploymentState::Uploading,
        _ => DeploymentState::Uploaded,
    }
}

/// A compressed transfer is refused: its size inside is unknown, and archives bring their own compression.
pub(crate) fn refuse_encoded(request: &HttpRequest) -> Result<(), Problem> {
    let mut encodings = request.headers().get_all(header::CONTENT_ENCODING);
    if encodings.all(|encoding| encoding == "identity") {
        return Ok(());
    }
    Err(Problem::new(Code::UnsupportedMediaType)
        .detail("A Content-Encoding is not accepted.")
        .remedy("Send the body as it is, without Content-Encoding."))
}

fn content(headers: &HeaderMap) -> Result<Content, Problem> {
    let mut types = headers.get_all(header::CONTENT_TYPE);
    let (Some(given), None) = (types.next(), types.next()) else { return Err(not_accepted()) };
    let given = given.to_str().unwrap_or_default();
    let essence = given.split(';').next().unwrap_or_default().trim().to_ascii_lowercase();
    match essence.as_str() {
        "application/json" => Ok(Content::Json),
        // curl sends the second when nothing is said; the first bytes decide.
        "application/octet-stream" | "application/x-www-form-urlencoded" => Ok(Content::Archive(None)),
        _ => ArchiveKind::from_content_type(&essence)
            .map(|kind| Content::Archive(Some(kind)))
            .ok_or_else(not_accepted),
    }
}

fn not_accepted() -> Problem {
    Problem::new(Code::UnsupportedMediaType).detail(
        "Accepted are application/json with a repository, and application/x-tar, application/gzip, application/zstd \
         or application/octet-stream with an archive.",
    )
}
