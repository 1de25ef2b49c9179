//! `GET /readyz`: whether this process can do its work, check by check.

use crate::app::App;
use crate::openapi::Readiness;
use actix_web::HttpResponse;
use actix_web::web::Data;
use shipstack_http::Check;
use std::fmt::Display;
use std::time::Duration;

/// A neighbour that takes longer than this to say that it is well is not.
const PATIENCE: Duration = Duration::from_secs(2);

/// Able to work, check by check
#[utoipa::path(
    get, path = "/readyz", tag = "health", operation_id = "ready",
    responses(
        (status = 200, description = "It can work.", body = Readiness),
        (status = 503, description = "It cannot; the checks say why.", body = Readiness),
    ),
)]
pub(crate) async fn readyz(app: Data<App>) -> HttpResponse {
    shipstack_http::readyz(&checks(&app).await)
}

/// The checks themselves.
pub(crate) async fn checks(app: &App) -> Vec<Check> {
    let (state, store) = tokio::join!(check_state(app), check_store(app));
    state.into_iter().chain([store]).collect()
}

async fn check_state(app: &App) -> Vec<Check> {
    let broken =
        |why: &dyn Display| vec![Check::broken("state", why.to_string(), "Look at REDIS_URL and at Redis.")];
    match tokio::time::timeout(PATIENCE, app.records.state.check()).await {
        Err(_) => broken(&"no answer in 2 s"),
        Ok(Err(error)) => broken(&error),
        Ok(Ok(warnings)) if warnings.is_empty() => vec![Check::ok("state", "answers")],
        Ok(Ok(warnings)) => {
            let check = |warning: &dyn Display| {
                Check::broken("state", warning.to_string(), "Change the setting of Redis that is named.")
            };
            warnings.iter().map(|warning| check(warning)).collect()
        }
    }
}

async fn check_store(app: &App) -> Check {
    let broken = |why: &dyn Display| {
        Check::broken(
            "store",
            why.to_string(),
            "Look at AWS_BUCKET and AWS_ENDPOINT_URL, or at the data folder.",
        )
    };
    match tokio::time::timeout(PATIENCE, app.records.store.check()).await {
        Err(_) => broken(&"no answer in 2 s"),
        Ok(Err(error)) => broken(&error),
        Ok(Ok(())) => Check::ok("store", "answers"),
    }
}
