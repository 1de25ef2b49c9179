//! `GET /status?id=`: one of six words, or null.

use crate::app::App;
use crate::problems;
use actix_web::web::{Data, Query};
use actix_web::{HttpRequest, HttpResponse};
use serde::Deserialize;
use serde_json::json;
use shipstack_http::{ApiResult, Problem};
use shipstack_types::{Code, DeploymentId};

#[derive(Deserialize)]
struct Asked {
    id: Option<String>,
}

/// The word of a deployment. A text that can be no id belongs to nobody, like any unknown one.
pub(crate) async fn status(app: Data<App>, request: HttpRequest) -> ApiResult {
    let asked =
        Query::<Asked>::from_query(request.query_string()).ok().and_then(|asked| asked.into_inner().id);
    let text = asked.filter(|text| !text.is_empty()).ok_or_else(|| {
        Problem::new(Code::InvalidOption)
            .detail("The query has no id.")
            .remedy("Ask for /status?id=<deployment-id>.")
    })?;
    let status = match text.parse::<DeploymentId>() {
        Ok(id) => app.records.status(&id).await.map_err(|error| problems::from_records(&error))?,
        Err(_) => None,
    };
    Ok(HttpResponse::Ok().json(json!({ "status": status })))
}
