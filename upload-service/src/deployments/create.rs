//! `POST /v1/deployments`: a repository as JSON, or an archive as the body.

use super::accepted::accepted;
use super::{archive, git};
use crate::app::App;
use crate::openapi::Binary;
use crate::prefer;
use actix_web::HttpRequest;
use actix_web::http::header::{self, HeaderMap};
use actix_web::web::{Data, Payload};
use shipstack_http::{ApiResult, Problem, ProblemDocument};
use shipstack_service::request_span;
use shipstack_source::ArchiveKind;
use shipstack_types::{Code, Deployment};
use tracing::Instrument as _;

/// What a content type says the body is.
enum Content {
    Json,
    /// An archive; the kind when the type names one.
    Archive(Option<ArchiveKind>),
}

/// Deploy a repository or an archive
///
/// Recorded and queued before the answer; the build goes on after it. An archive takes the options of `build` in the
/// query, `env.<NAME>` for each variable.
#[utoipa::path(
    post, path = "/v1/deployments", tag = "deployments", operation_id = "createDeployment",
    params(
        super::query::QueryParams,
        ("Prefer" = Option<String>, Header, description = "`wait=<seconds>`, at most 60: the answer comes once the source is in."),
        ("Idempotency-Key" = Option<String>, Header, description = "A repeat within a day gives the same deployment."),
        ("traceparent" = Option<String>, Header, description = "The caller's trace (W3C Trace Context), which the deployment goes on."),
    ),
    request_body(content(
        (git::DeployRequest = "application/json"),
        (Binary = "application/gzip"), (Binary = "application/zstd"),
        (Binary = "application/x-tar"), (Binary = "application/octet-stream"),
    ), description = "A repository, or an archive of a project."),
    responses(
        (status = 202, description = "It is recorded and queued.", body = Deployment,
            headers(("Location" = String, description = "Where it is."))),
        (status = 400, description = "Something of the request is not acceptable; it is named.",
            body = ProblemDocument, content_type = "application/problem+json"),
        (status = 413, description = "The body, or the archive in it, is too large.",
            body = ProblemDocument, content_type = "application/problem+json"),
        (status = 415, description = "The body is of no accepted kind.",
            body = ProblemDocument, content_type = "application/problem+json"),
        (status = 422, description = "With `Prefer: wait`: the source could not be had. Or `key_reused`.",
            body = ProblemDocument, content_type = "application/problem+json"),
        (status = 503, description = "Redis or the object store is out of reach; come back after `Retry-After`.",
            body = ProblemDocument, content_type = "application/problem+json"),
    ),
)]
pub(crate) async fn create(app: Data<App>, request: HttpRequest, payload: Payload) -> ApiResult {
    Box::pin(answered(app, request, payload)).instrument(request_span()).await
}

async fn answered(app: Data<App>, request: HttpRequest, payload: Payload) -> ApiResult {
    refuse_encoded(&request)?;
    let birth = match content(request.headers())? {
        Content::Json => git::accept(&app, &request, payload).await?,
        Content::Archive(kind) => archive::accept(&app, &request, payload, kind).await?,
    };
    prefer::source_in(&app, &request, &birth.id).await?;
    Ok(accepted(&app, birth).await)
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
