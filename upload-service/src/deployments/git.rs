//! A repository to deploy, as JSON.

use super::query::refused;
use crate::app::App;
use crate::{git_source, id, problems};
use actix_web::HttpRequest;
use actix_web::web::Payload;
use serde::Deserialize;
use shipstack_http::{BodyLimits, Problem, read_json};
use shipstack_types::{Birth, BuildOptions, Code};

/// Room for the largest allowed variables, escaped.
const MAX_BYTES: u64 = 256 * 1024;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Body {
    git: Git,
    project: Option<String>,
    #[serde(default)]
    build: BuildOptions,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Git {
    url: String,
    #[serde(rename = "ref")]
    git_ref: Option<String>,
}

/// Validates and accepts.
pub(super) async fn accept(app: &App, request: &HttpRequest, payload: Payload) -> Result<Birth, Problem> {
    let body: Body = read_json(request, payload, BodyLimits::document(MAX_BYTES)).await?;
    if body.project.is_some() {
        return Err(Problem::new(Code::InvalidOption).detail("project: projects are not available yet."));
    }
    body.build.check().map_err(|why| refused(&why))?;
    let git_ref = body.git.git_ref.as_deref().map(git_source::check_ref).transpose()?;
    let url = git_source::check_url(app, &body.git.url).await?;
    app.ensure_state().await?;
    let birth = app.records.accept_git(id::mint(), (url, git_ref), body.build).await;
    birth.map_err(|error| problems::from_records(&error))
}
