//! `Prefer: wait=<seconds>` (RFC 7240): the answer is held until the source is in, or has failed.

use crate::app::App;
use actix_web::HttpRequest;
use actix_web::http::{StatusCode, header::HeaderMap};
use shipstack_http::Problem;
use shipstack_records::RecordsError;
use shipstack_types::{DeploymentId, DeploymentState, Failure, Phase, Stage};
use std::time::Duration;
use tokio::time::Instant;

/// Longest wait (contract §1).
const MOST: Duration = Duration::from_mins(1);
/// A look although nobody woke us: a wake-up may be lost.
const LOOK_AGAIN: Duration = Duration::from_secs(1);

/// Waits as long as the request prefers. A source that could not be had by then is a 422.
pub(crate) async fn source_in(app: &App, request: &HttpRequest, id: &DeploymentId) -> Result<(), Problem> {
    let Some(at_most) = wait_of(request.headers()) else { return Ok(()) };
    // The deployment is accepted: what cannot be looked at now does not make it otherwise.
    let failed = source_failure(app, id, at_most).await.unwrap_or_else(|error| {
        tracing::warn!(deployment.id = %id, %error, "waiting for a source was given up");
        None
    });
    failed.map_or(Ok(()), |failure| {
        let problem = Problem::from(failure).with_status(StatusCode::UNPROCESSABLE_ENTITY);
        Err(problem.about(id.clone()))
    })
}

/// The longest of what is preferred. A preference that cannot be read is none.
fn wait_of(headers: &HeaderMap) -> Option<Duration> {
    let preferences = headers.get_all("prefer").filter_map(|value| value.to_str().ok());
    let waits = preferences.flat_map(|value| value.split([',', ';'])).filter_map(|preference| {
        let (name, seconds) = preference.split_once('=')?;
        let seconds = seconds.trim().trim_matches('"').parse::<u32>().ok()?;
        name.trim().eq_ignore_ascii_case("wait").then_some(Duration::from_secs(seconds.into()))
    });
    waits.max().map(|wait| wait.min(MOST)).filter(|wait| !wait.is_zero())
}

async fn source_failure(
    app: &App,
    id: &DeploymentId,
    at_most: Duration,
) -> Result<Option<Failure>, RecordsError> {
    let until = Instant::now() + at_most;
    let mut watch = app.records.state.watch_job(id);
    loop {
        match app.records.status(id).await? {
            Some(DeploymentState::Uploading) => {}
            Some(DeploymentState::Failed) => {
                let view = app.records.view(id, &app.urls).await?;
                return Ok(view.and_then(|view| view.failure).filter(is_of_source));
            }
            _ => return Ok(None),
        }
        let left = until.saturating_duration_since(Instant::now());
        if left.is_zero() || app.stopping.is_cancelled() {
            return Ok(None);
        }
        tokio::select! {
            () = watch.changed(left.min(LOOK_AGAIN)) => {}
            () = app.stopping.cancelled() => {}
        }
    }
}

fn is_of_source(failure: &Failure) -> bool {
    matches!(failure.stage, Stage::Api | Stage::Job(Phase::Cloning | Phase::Snapshotting | Phase::Retrying))
}

#[cfg(test)]
mod tests {
    use super::*;
    use actix_web::test::TestRequest;

    #[test]
    fn a_wait_is_read_as_rfc_7240_has_it_and_never_longer_than_a_minute() {
        for (value, seconds) in [
            ("wait=5", Some(5)),
            ("respond-async, wait=10", Some(10)),
            ("WAIT = \"3\"; x=1", Some(3)),
            ("wait=600", Some(60)),
            ("wait=0", None),
            ("wait=-1", None),
            ("wait", None),
            ("wait=soon", None),
            ("await=5", None),
        ] {
            let request = TestRequest::default().insert_header(("prefer", value)).to_http_request();
            assert_eq!(wait_of(request.headers()), seconds.map(Duration::from_secs), "{value}");
        }
    }
}
