//! `POST /v1/session`: token in, cookie out. `DELETE /v1/session`: signed out.

use actix_web::HttpRequest;
use actix_web::HttpResponse;
use actix_web::web::{Data, Payload};
use serde::{Deserialize, Serialize};
use shipstack_http::{ApiGuard, ApiResult, BodyLimits, ProblemDocument, read_json};
use shipstack_types::Timestamp;
use utoipa::ToSchema;

/// A token is at most 4 KiB.
const MAX_BYTES: u64 = 16 * 1024;

/// The token, shown once.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct SignIn {
    /// `SHIPSTACK_TOKEN`.
    #[schema(format = Password)]
    token: String,
}

/// A session of a browser.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Session {
    /// When it ends; `null` where no token is needed.
    expires_at: Option<Timestamp>,
}

/// Sign in
///
/// The session is an `HttpOnly` cookie, so that no page ever holds the token.
#[utoipa::path(
    post, path = "/v1/session", tag = "server", operation_id = "signIn", request_body = SignIn,
    responses(
        (status = 200, description = "Signed in.", body = Session),
        (status = 401, description = "This is not the token.", body = ProblemDocument,
            content_type = "application/problem+json"),
        (status = 429, description = "Too many wrong tokens from this address; come back after `Retry-After`.",
            body = ProblemDocument, content_type = "application/problem+json",
            headers(("Retry-After" = u64, description = "Seconds."))),
    ),
    security(()),
)]
pub(crate) async fn sign_in(guard: Data<ApiGuard>, request: HttpRequest, payload: Payload) -> ApiResult {
    let shown: SignIn = read_json(&request, payload, BodyLimits::document(MAX_BYTES)).await?;
    let mut answer = HttpResponse::Ok();
    let expires_at = guard.sign_in(&request, &shown.token)?.map(|(ends, cookie)| {
        answer.cookie(cookie);
        ends
    });
    Ok(answer.json(Session { expires_at }))
}

/// Sign out
#[utoipa::path(
    delete, path = "/v1/session", tag = "server", operation_id = "signOut",
    responses((status = 204, description = "The browser has no session any more.")),
    security(()),
)]
pub(crate) async fn sign_out(guard: Data<ApiGuard>) -> HttpResponse {
    let mut answer = HttpResponse::NoContent();
    if let Some(cookie) = guard.sign_out() {
        answer.cookie(cookie);
    }
    answer.finish()
}
