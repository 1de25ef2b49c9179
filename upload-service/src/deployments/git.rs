//! A repository to deploy, as JSON.

use super::query::refused;
use crate::app::App;
use crate::idempotency::{Asked, ask};
use crate::{git_source, problems};
use actix_web::HttpRequest;
use actix_web::web::Payload;
use serde::Deserialize;
use serde_json::json;
use shipstack_http::{BodyLimits, Problem, read_json};
use shipstack_types::{Birth, BuildOptions, Code};
use utoipa::ToSchema;

/// Room for the largest allowed variables, escaped.
const MAX_BYTES: u64 = 256 * 1024;

/// A repository and how to build it.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct DeployRequest {
    /// The repository.
    git: GitRepository,
    /// The project it belongs to. There are no projects yet: it has to be left out.
    project: Option<String>,
    /// How to build it.
    #[serde(default)]
    #[schema(required = false)]
    build: BuildOptions,
}

/// A repository, and what of it.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct GitRepository {
    /// Its http or https URL.
    #[schema(examples("https://git.example.org/team/site"))]
    url: String,
    /// Branch, tag or full commit hash; the default branch without it.
    #[serde(rename = "ref")]
    git_ref: Option<String>,
}

/// Validates and accepts.
pub(super) async fn accept(app: &App, request: &HttpRequest, payload: Payload) -> Result<Birth, Problem> {
    let body: DeployRequest = read_json(request, payload, BodyLimits::document(MAX_BYTES)).await?;
    if body.project.is_some() {
        return Err(Problem::new(Code::InvalidOption).detail("project: projects are not available yet."));
    }
    body.build.check().map_err(|why| refused(&why))?;
    let git_ref = body.git.git_ref.as_deref().map(git_source::check_ref).transpose()?;
    let url = git_source::check_url(app, &body.git.url).await?;
    app.admit().await?;
    let what = json!(["git", url, git_ref, body.build]);
    match ask(app, request, &what, body.build).await? {
        Asked::Before(birth) => Ok(*birth),
        Asked::New(new) => {
            let birth = app.records.accept_git(*new, (url, git_ref)).await;
            birth.map_err(|error| problems::from_records(&error))
        }
    }
}
