//! The forms that log lines are sent in.

use actix_web::HttpRequest;
use actix_web::http::header;
use bytes::Bytes;
use shipstack_types::LogLine;

/// One of them, by `Accept`.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Form {
    /// The texts alone, for people.
    Text,
    /// One JSON object a line, with its number, for programs that resume.
    Ndjson,
}

impl Form {
    pub(super) fn of(request: &HttpRequest) -> Self {
        let accept = request.headers().get(header::ACCEPT).and_then(|accept| accept.to_str().ok());
        let wants = |kind: &str| accept.is_some_and(|accept| accept.to_ascii_lowercase().contains(kind));
        if wants("application/x-ndjson") { Self::Ndjson } else { Self::Text }
    }

    pub(super) fn content_type(self) -> &'static str {
        match self {
            Self::Text => "text/plain; charset=utf-8",
            Self::Ndjson => "application/x-ndjson",
        }
    }

    pub(super) fn write(self, lines: &[LogLine]) -> Bytes {
        let line = |line: &LogLine| match self {
            Self::Text => line.text.clone(),
            Self::Ndjson => serde_json::json!(line).to_string(),
        };
        lines.iter().map(|each| line(each) + "\n").collect::<String>().into()
    }
}
