//! `GET /v1/events?channel=`: one stream of everything that changed, so that a list can keep itself true.
//!
//! It begins with `event: reset`: read what you show, then apply what follows. Each `event: deployment` has a cursor as
//! its id; who comes back with it as `Last-Event-ID` goes on there, and is told `reset` again when it is not known any
//! more (a restart, an emptied Redis, too long away). `event: deleted` names one that is gone for ever. Works on both backends and outlasts an absence of Redis.

mod channel;
mod tail;

use crate::app::App;
use crate::streams::StreamKind;
use actix_web::HttpRequest;
use actix_web::web::{Data, Query};
use channel::Channel;
use serde::Deserialize;
use shipstack_http::{ApiResult, Problem, last_event_id, sse_response};
use shipstack_types::Code;
use tail::EventTail;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Asked {
    #[serde(default)]
    channel: Channel,
}

/// The events of a channel, for ever.
pub(crate) async fn events(app: Data<App>, request: HttpRequest) -> ApiResult {
    let asked = Query::<Asked>::from_query(request.query_string()).map_err(|_| refused())?.into_inner();
    let cursor = last_event_id(&request)?.map(ToOwned::to_owned);
    let place = app.streams.open(StreamKind::Events)?;
    let tail = EventTail::new(app.records.state.clone(), asked.channel, cursor, &app.stopping);
    Ok(sse_response(tail.into_stream(place)))
}

fn refused() -> Problem {
    Problem::new(Code::InvalidOption)
        .detail("channel is deployments, or deployment:<id> for one.")
        .remedy("Leave channel out for everything.")
}
