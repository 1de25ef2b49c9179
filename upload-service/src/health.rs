//! `GET /readyz`: whether this process can do its work, check by check. `GET /metrics`: what it counted.

use crate::app::App;
use crate::openapi::Readiness;
use actix_web::HttpResponse;
use actix_web::web::Data;
use shipstack_service::Metric;
use shipstack_types::QueueName;
use std::time::Duration;

/// A Redis that is slower than this to say how long its queues are is scraped without.
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
    shipstack_http::readyz(&app.records.readiness().await)
}

/// Everything counted here, with the queues as they are now.
pub(crate) async fn metrics(app: Data<App>) -> HttpResponse {
    let measuring = async { tokio::join!(measure(&app, QueueName::Intake), measure(&app, QueueName::Build)) };
    // Without Redis the last lengths stay; that it is away is told by other metrics.
    let _ = tokio::time::timeout(PATIENCE, measuring).await;
    shipstack_http::metrics().await
}

async fn measure(app: &App, queue: QueueName) {
    if let Ok(length) = app.records.state.queue_length(queue).await {
        // No queue is long enough to lose a digit.
        let length = u32::try_from(length).unwrap_or(u32::MAX);
        Metric::QueueWaiting.set(f64::from(length), &[queue.as_str()]);
    }
}
