//! `GET /v1/deployments/{id}/files` and `/files/{path}`: what was published.
//!
//! Tenants' bytes never run on this origin, whatever they are and whoever asks for them: always a download, never with
//! a type that a browser would show or execute, in a sandbox should one show it all the same.

use super::show::{known, parse_id};
use crate::app::App;
use crate::problems;
use actix_web::HttpResponse;
use actix_web::http::header;
use actix_web::web::{Data, Path};
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use shipstack_http::{ApiResult, Problem, ProblemDocument, relayed};
use shipstack_records::PublishedFiles;
use shipstack_storage::Object;
use shipstack_types::{Code, DeploymentId, Manifest, ManifestEntry};

/// List the published files
#[utoipa::path(
    get, path = "/v1/deployments/{id}/files", tag = "files", operation_id = "listFiles",
    params(("id" = DeploymentId, Path, description = "The deployment.")),
    responses(
        (status = 200, description = "Every file with its size, digest and type.", body = Manifest),
        (status = 404, description = "Nobody knows it, or it published nothing.", body = ProblemDocument,
            content_type = "application/problem+json"),
    ),
)]
pub(crate) async fn files(app: Data<App>, id: Path<String>) -> ApiResult {
    let files = published(&app, &parse_id(&id)?).await?;
    Ok(HttpResponse::Ok().json(files.manifest))
}

/// Download a published file
///
/// Always as an attachment, and never with the type that visitors of the site get.
#[utoipa::path(
    get, path = "/v1/deployments/{id}/files/{path}", tag = "files", operation_id = "downloadFile",
    params(
        ("id" = DeploymentId, Path, description = "The deployment."),
        ("path" = String, Path, description = "The file's path in the site; its slashes may stand as they are."),
    ),
    responses(
        (status = 200, description = "Its bytes.", body = crate::openapi::Binary,
            content_type = "application/octet-stream"),
        (status = 404, description = "There is no such deployment or file.", body = ProblemDocument,
            content_type = "application/problem+json"),
    ),
)]
pub(crate) async fn file(app: Data<App>, place: Path<(String, String)>) -> ApiResult {
    let (id, path) = place.into_inner();
    let files = published(&app, &parse_id(&id)?).await?;
    // Only a path that the manifest names is ever looked for in the store.
    let entry = files.manifest.find(&path);
    let entry = entry.ok_or_else(|| Problem::new(Code::NotFound).detail("There is no such file."))?;
    let object =
        app.records.open_file(&files, entry).await.map_err(|error| problems::from_records(&error))?;
    Ok(download(entry, object))
}

async fn published(app: &App, id: &DeploymentId) -> Result<PublishedFiles, Problem> {
    if let Some(files) = app.records.files(id).await.map_err(|error| problems::from_records(&error))? {
        return Ok(files);
    }
    let deployment = known(app, id).await?;
    let detail = format!("The deployment has no files: it is {}.", deployment.status);
    Err(Problem::new(Code::NotFound).detail(detail).remedy("Only deployed deployments have files."))
}

fn download(entry: &ManifestEntry, object: Object) -> HttpResponse {
    let name = utf8_percent_encode(entry.path.name(), NON_ALPHANUMERIC);
    HttpResponse::Ok()
        .content_type("application/octet-stream")
        .insert_header((header::CONTENT_DISPOSITION, format!("attachment; filename*=UTF-8''{name}")))
        .insert_header((header::CONTENT_SECURITY_POLICY, "sandbox; default-src 'none'"))
        .insert_header((header::X_CONTENT_TYPE_OPTIONS, "nosniff"))
        .insert_header(("cross-origin-resource-policy", "same-origin"))
        .insert_header((header::ETAG, format!("\"{}\"", entry.sha256)))
        .body(relayed(entry.bytes, object.body))
}
