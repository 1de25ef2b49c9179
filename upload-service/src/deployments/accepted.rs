//! The answer to whatever made a deployment.

use crate::app::App;
use crate::trace::say_accepted;
use actix_web::HttpResponse;
use actix_web::http::header;
use serde_json::json;
use shipstack_types::{Birth, DeploymentState, SourceRequest};

/// 202 with the deployment. It is accepted whether or not it can be shown at once, so that failing changes nothing.
pub(super) async fn accepted(app: &App, birth: Birth) -> HttpResponse {
    say_accepted(&birth);
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
        SourceRequest::Git { .. } if birth.parent.is_none() => DeploymentState::Uploading,
        _ => DeploymentState::Uploaded,
    }
}
