//! What a request may cost before anything is looked up: a head of 16 KiB, and no body.

use crate::pages::Page;
use actix_web::HttpRequest;
use actix_web::http::header;

/// Largest request head: request line and headers with their separators (serving.md §5).
const MAX_HEAD: usize = 16 * 1024;
/// `: ` and the line break, for each header.
const PER_HEADER: usize = 4;

/// Refuses a request that is too large or brings a body; sites take none.
pub(crate) fn check(request: &HttpRequest) -> Result<(), Page> {
    if head_bytes(request) > MAX_HEAD {
        return Err(Page::HeadTooLarge);
    }
    if brings_a_body(request) { Err(Page::BodyRefused) } else { Ok(()) }
}

fn head_bytes(request: &HttpRequest) -> usize {
    let line = request.uri().path().len() + request.uri().query().map_or(0, str::len);
    let headers =
        request.headers().iter().map(|(name, value)| name.as_str().len() + value.len() + PER_HEADER);
    line + headers.sum::<usize>()
}

fn brings_a_body(request: &HttpRequest) -> bool {
    let length = request.headers().get(header::CONTENT_LENGTH);
    request.headers().contains_key(header::TRANSFER_ENCODING)
        || length.is_some_and(|length| length.as_bytes() != b"0")
}
