//! `GET /v1/deployments`: a page of them, newest first.

use crate::app::App;
use crate::problems;
use actix_web::web::{Data, Query};
use actix_web::{HttpRequest, HttpResponse};
use serde::Deserialize;
use shipstack_http::{ApiResult, Problem, ProblemDocument};
use shipstack_state::IndexQuery;
use shipstack_types::{Code, DeploymentList, DeploymentState};
use utoipa::IntoParams;

/// A screenful.
const USUAL: usize = 20;
/// Each item costs the store three reads.
const MOST: usize = 100;

/// What to list.
#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct Asked {
    /// Only those of this project. There are no projects yet, so no deployment has one.
    project: Option<String>,
    /// Only those with this status.
    #[param(inline)]
    status: Option<DeploymentState>,
    /// At most so many, from 1 to 100; 20 without it.
    #[param(minimum = 1, maximum = 100)]
    limit: Option<usize>,
    /// The `nextCursor` of the page before.
    cursor: Option<String>,
}

/// List deployments, newest first
#[utoipa::path(
    get, path = "/v1/deployments", tag = "deployments", operation_id = "listDeployments",
    params(Asked),
    responses(
        (status = 200, description = "A page.", body = DeploymentList),
        (status = 400, description = "A filter is not acceptable.", body = ProblemDocument,
            content_type = "application/problem+json"),
    ),
)]
pub(crate) async fn list(app: Data<App>, request: HttpRequest) -> ApiResult {
    let asked = Query::<Asked>::from_query(request.query_string());
    let asked = asked.map_err(|error| refused(&error.to_string()))?.into_inner();
    let query = index_query(&asked)?;
    if asked.project.is_some() {
        return Ok(HttpResponse::Ok().json(DeploymentList::default()));
    }
    let page = app.records.list(&query, &app.urls).await.map_err(|error| problems::from_records(&error))?;
    Ok(HttpResponse::Ok().json(page))
}

fn index_query(asked: &Asked) -> Result<IndexQuery, Problem> {
    let most = asked.limit.unwrap_or(USUAL);
    if !(1..=MOST).contains(&most) {
        return Err(refused("limit is a number from 1 to 100"));
    }
    let after = asked.cursor.as_deref().map(str::parse).transpose();
    let after = after.map_err(|_| refused("cursor is not one that a page gave"))?;
    Ok(IndexQuery { status: asked.status, after, most })
}

fn refused(why: &str) -> Problem {
    let why: String = why.chars().filter(|c| !c.is_control()).take(200).collect();
    Problem::new(Code::InvalidOption)
        .detail(format!("The list cannot be filtered so: {why}."))
        .remedy("Use project, status, limit and cursor, each once.")
}
