//! The forms that a log is sent in over plain HTTP.

use super::log_tail::{Beat, Follow, LogTail};
use crate::openapi::LogEnd;
use actix_web::{HttpRequest, HttpResponse};
use bytes::Bytes;
use futures_util::{Stream, stream};
use serde_json::json;
use shipstack_http::{EVENT_STREAM, SseText, preferred, sse_response};
use shipstack_records::RecordsError;
use shipstack_types::LogLine;

const NDJSON: &str = "application/x-ndjson";
/// What is offered, what is sent without a wish first.
const OFFERED: [&str; 3] = ["text/plain", NDJSON, EVENT_STREAM];

/// Why an answer is broken off before the log has ended; its reader resumes elsewhere.
#[derive(Debug, thiserror::Error)]
enum Cut {
    #[error(transparent)]
    Records(#[from] RecordsError),
    /// Nothing but a connection that breaks tells a reader of text that this is not the end.
    #[error("the service stops before the log has ended")]
    Stopping,
}

/// One of them, by `Accept`.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Form {
    /// The texts alone, for people.
    Text,
    /// One JSON object a line, with its number, for programs that resume.
    Ndjson,
    /// Server-sent events, for browsers.
    Events,
}

impl Form {
    pub(super) fn of(request: &HttpRequest) -> Self {
        match preferred(request.headers(), &OFFERED) {
            Some(EVENT_STREAM) => Self::Events,
            Some(NDJSON) => Self::Ndjson,
            _ => Self::Text,
        }
    }

    /// Whether to stay when the request does not say: an event stream that ends is asked for again at once.
    pub(super) fn usual_follow(self) -> Follow {
        if self == Self::Events { Follow::Yes } else { Follow::No }
    }

    /// The answer that carries the log.
    pub(super) fn answer(self, tail: LogTail) -> HttpResponse {
        let pieces = self.pieces(tail);
        match self {
            Self::Events => sse_response(pieces),
            Self::Ndjson => HttpResponse::Ok().content_type(NDJSON).streaming(pieces),
            Self::Text => HttpResponse::Ok().content_type("text/plain; charset=utf-8").streaming(pieces),
        }
    }

    fn pieces(self, tail: LogTail) -> impl Stream<Item = Result<Bytes, Cut>> {
        stream::try_unfold(tail, move |mut tail| async move {
            while let Some(beat) = tail.next().await? {
                let piece = self.write(&beat);
                if !piece.is_empty() {
                    return Ok(Some((piece, tail)));
                }
            }
            // An event stream says its end itself.
            if self == Self::Events || tail.is_over() { Ok(None) } else { Err(Cut::Stopping) }
        })
    }

    fn write(self, beat: &Beat) -> Bytes {
        match (self, beat) {
            (Self::Events, Beat::Lines(lines)) => lines.iter().fold(SseText::default(), event).into(),
            (Self::Events, Beat::Quiet) => SseText::default().heartbeat().into(),
            (Self::Events, Beat::End(state)) => {
                SseText::default().event(None, "end", &json!(LogEnd { status: *state }).to_string()).into()
            }
            (Self::Text, Beat::Lines(lines)) => {
                lines.iter().flat_map(|line| [line.text.as_str(), "\n"]).collect::<String>().into()
            }
            (Self::Ndjson, Beat::Lines(lines)) => {
                lines.iter().map(|line| as_json(line) + "\n").collect::<String>().into()
            }
            (Self::Text | Self::Ndjson, Beat::Quiet | Beat::End(_)) => Bytes::new(),
        }
    }
}

fn event(text: SseText, line: &LogLine) -> SseText {
    text.event(Some(&line.seq), "line", &as_json(line))
}

/// A line as the archive has it, byte for byte.
#[expect(
    clippy::expect_used,
    reason = "a line is text, numbers and words: nothing of it can fail to be JSON"
)]
pub(super) fn as_json(line: &LogLine) -> String {
    serde_json::to_string(line).expect("a line is JSON")
}
