//! Server-sent events: the one place that writes their wire format (HTML standard §9.2).

use actix_web::http::header;
use actix_web::{HttpRequest, HttpResponse};
use bytes::Bytes;
use futures_util::{Stream, StreamExt as _, stream};
use shipstack_types::Code;
use std::fmt::{Display, Write as _};
use std::time::Duration;

use crate::Problem;

/// The media type.
pub const EVENT_STREAM: &str = "text/event-stream";
/// A stream on which nothing happens says so this often (contract §6), so that proxies keep it open and a reader that is
/// gone is noticed.
pub const SSE_HEARTBEAT: Duration = Duration::from_secs(15);
/// How long a browser waits before it comes back, in milliseconds.
const RETRY_MS: u32 = 2000;

/// Events on their way to a client.
#[derive(Debug, Default)]
pub struct SseText(String);

impl SseText {
    /// Adds an event. `data` may have several lines; `name` and `id` are ours and have one.
    #[must_use]
    pub fn event(mut self, id: Option<&dyn Display>, name: &str, data: &str) -> Self {
        // Writing into a String cannot fail.
        if let Some(id) = id {
            let _ = writeln!(self.0, "id: {id}");
        }
        let _ = writeln!(self.0, "event: {name}");
        for line in data.split(['\n', '\r']) {
            let _ = writeln!(self.0, "data: {line}");
        }
        self.0.push('\n');
        self
    }

    /// Adds a comment, which clients pass over.
    #[must_use]
    pub fn heartbeat(mut self) -> Self {
        self.0.push_str(":\n\n");
        self
    }

    /// Adds a place to resume at, without an event.
    #[must_use]
    pub fn place(mut self, id: &dyn Display) -> Self {
        let _ = write!(self.0, "id: {id}\n\n");
        self
    }
}

impl From<SseText> for Bytes {
    fn from(text: SseText) -> Self {
        text.0.into()
    }
}

/// The answer that carries these events. Its first bytes are sent at once, so that a client knows that it is connected.
pub fn sse_response<E>(events: impl Stream<Item = Result<Bytes, E>> + 'static) -> HttpResponse
where
    E: Into<Box<dyn std::error::Error>> + 'static,
{
    let hello = stream::once(async { Ok(Bytes::from(format!("retry: {RETRY_MS}\n\n"))) });
    HttpResponse::Ok()
        .content_type(EVENT_STREAM)
        .insert_header((header::CACHE_CONTROL, "no-store"))
        // Some proxies collect an answer before they pass it on; this is how they are told not to.
        .insert_header(("x-accel-buffering", "no"))
        .streaming(hello.chain(events))
}

/// The last id that a client saw, as it says when it comes back. Nothing when it says none.
pub fn last_event_id(request: &HttpRequest) -> Result<Option<&str>, Problem> {
    let mut values = request.headers().get_all("last-event-id");
    let (first, second) = (values.next(), values.next());
    let text = first.map(|value| value.to_str()).transpose();
    match (text, second) {
        (Ok(text), None) => Ok(text.filter(|text| !text.is_empty())),
        _ => Err(Problem::new(Code::InvalidOption).detail("Last-Event-ID is not an id of this stream.")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_data_can_begin_an_event_of_its_own() {
        let text = SseText::default().event(Some(&7), "line", "a\n\nevent: end\rdata: x").heartbeat();
        let bytes: Bytes = text.place(&"1-2").into();
        let expected =
            "id: 7\nevent: line\ndata: a\ndata: \ndata: event: end\ndata: data: x\n\n:\n\nid: 1-2\n\n";
        assert_eq!(bytes, expected);
    }
}
