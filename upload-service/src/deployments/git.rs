//! A repository to deploy, as JSON.

use super::node_wish;
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
    /// Older deployments of the same repository, `ref` and `build.directory` that still wait for their source or their build
    /// end as `failed` with `superseded`; what is being built already goes on.
    #[serde(default)]
    #[schema(required = false)]
    supersede: bool,
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
    node_wish::check(app, &body.build).await?;
    let git_ref = body.git.git_ref.as_deref().map(git_source::check_ref).transpose()?;
    let url = git_source::check_url(app, &body.git.url).await?;
    app.admit().await?;
    let mut what = vec![json!("git"), json!(url), json!(git_ref), json!(body.build)];
    what.extend(body.supersede.then(|| json!("supersede")));
    match ask(app, request, &what.into(), body.build).await? {
        Asked::Before(birth) => Ok(*birth),
        Asked::New(new) => {
            let source = (url, git_ref);
            let birth = if body.supersede {
                app.records.accept_git_instead(*new, source).await
            } else {
                app.records.accept_git(*new, source).await
            };
            birth.map_err(|error| problems::from_records(&error))
        }
    }
}
