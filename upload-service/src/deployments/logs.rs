//! `GET /v1/deployments/{id}/logs?from=&follow=`: history from `from` on, and with `follow` what comes after it, in the
//! form that `Accept` asks for, or over a WebSocket.
//!
//! Every line once, in order, whether it comes from the live log or the archive: both have the same numbers. An answer
//! is never silently short: an error breaks the connection off, and the reader resumes at the number it stopped at.

use super::log_form::Form;
use super::log_socket;
use super::log_tail::{Follow, LogTail};
use super::show::parse_id;
use crate::app::App;
use crate::problems;
use crate::streams::StreamKind;
use actix_web::HttpRequest;
use actix_web::http::header;
use actix_web::web::{Data, Path, Payload, Query};
use serde::Deserialize;
use shipstack_http::{ApiResult, Problem, last_event_id};
use shipstack_types::Code;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Asked {
    from: Option<u64>,
    follow: Option<Follow>,
}

/// The log as it is, or as it comes.
pub(crate) async fn logs(
    app: Data<App>,
    id: Path<String>,
    request: HttpRequest,
    payload: Payload,
) -> ApiResult {
    let id = parse_id(&id)?;
    let asked = Query::<Asked>::from_query(request.query_string()).map_err(|_| refused())?.into_inner();
    let from = first_line(&request, asked.from)?;
    let place = app.streams.open(StreamKind::Logs)?;
    let reader = app.records.read_log(&id, from).await.map_err(|error| problems::from_records(&error))?;
    let reader = reader.ok_or_else(|| Problem::new(Code::NotFound))?;
    let tail = |usual: Follow| LogTail::new(reader, asked.follow.unwrap_or(usual), &app.stopping, place);
    if wants_socket(&request) {
        return log_socket::answer(&request, payload, tail(Follow::Yes));
    }
    let form = Form::of(&request);
    Ok(form.answer(tail(form.usual_follow())))
}

/// `Last-Event-ID` is exclusive and wins: a browser that comes back asks the same URL, with `from` as it was.
fn first_line(request: &HttpRequest, from: Option<u64>) -> Result<u64, Problem> {
    let Some(last) = last_event_id(request)? else { return Ok(from.unwrap_or(1).max(1)) };
    let last: u64 = last.parse().map_err(|_| refused())?;
    Ok(last.saturating_add(1))
}

fn wants_socket(request: &HttpRequest) -> bool {
    let upgrade = request.headers().get(header::UPGRADE).and_then(|value| value.to_str().ok());
    upgrade.is_some_and(|upgrade| upgrade.eq_ignore_ascii_case("websocket"))
}

fn refused() -> Problem {
    Problem::new(Code::InvalidOption)
        .detail("from and Last-Event-ID are numbers of lines, follow is true or false.")
}
