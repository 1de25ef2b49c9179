//! An archive to deploy, as the body. It is checked and stored before its id exists for anyone, so a client that leaves
//! half-way leaves nothing that anybody could see.

use super::node_wish;
use super::query::ArchiveOptions;
use crate::app::App;
use crate::idempotency::{Asked, ask};
use crate::problems;
use actix_web::HttpRequest;
use actix_web::web::Payload;
use serde_json::json;
use shipstack_http::{BodyLimits, CappedBody, Problem};
use shipstack_records::ArchiveSource;
use shipstack_source::{ArchiveIntake, ArchiveKind, ArchiveUse, Snapshot, receive_archive};
use shipstack_storage::PutBody;
use shipstack_types::{Birth, Code, SourceInfo};
use std::sync::Arc;
use std::time::Duration;

/// When to come back for a place among the uploads: most last seconds.
const COME_BACK: Duration = Duration::from_secs(5);

/// Receives, checks, stores and accepts.
pub(super) async fn accept(
    app: &App,
    request: &HttpRequest,
    payload: Payload,
    declared: Option<ArchiveKind>,
) -> Result<Birth, Problem> {
    let ArchiveOptions { build, use_as, name } = ArchiveOptions::parse(request.query_string())?;
    if use_as == ArchiveUse::Build {
        node_wish::check(app, &build).await?;
    }
    app.admit().await?;
    let place = Arc::clone(&app.uploads).try_acquire_owned();
    let _place = place.map_err(|_| Problem::new(Code::Overloaded).retry_after(COME_BACK))?;
    let limits = BodyLimits::upload(app.archive.body_bytes, app.upload_deadline);
    let body = CappedBody::new(request, payload, limits)?.into_stream();
    let intake = ArchiveIntake { declared, use_as, source: app.source.clone(), archive: app.archive.clone() };
    let received = receive_archive(Box::pin(body), intake, &app.spool).await;
    let snapshot = received.map_err(problems::from_archive)?;
    let prebuilt = use_as == ArchiveUse::Prebuilt;
    // Equal trees have equal snapshots, however they were packed and whatever they are called.
    let what = json!(["archive", snapshot.info.sha256, prebuilt, build]);
    match ask(app, request, &what, build).await? {
        Asked::Before(birth) => Ok(*birth),
        Asked::New(new) => {
            let body =
                PutBody::from_path(snapshot.path()).await.map_err(|error| Problem::internal(&error))?;
            let source = ArchiveSource { snapshot: body, info: source_info(&snapshot), prebuilt, name };
            let birth = app.records.accept_archive(*new, source).await;
            birth.map_err(|error| problems::from_records(&error))
        }
    }
}

fn source_info(snapshot: &Snapshot) -> SourceInfo {
    let info = &snapshot.info;
    SourceInfo {
        commit: None,
        git_ref: None,
        sha256: info.sha256,
        stored_bytes: info.stored_bytes,
        bytes: info.bytes,
        files: info.files,
        warnings: info.warnings.clone(),
    }
}
