//! `Accept`: which of our forms a client wants (RFC 9110 §12.5.1).

use actix_web::http::header::{self, HeaderMap};

/// The one of `offered` (media types in lower case, our preference first) that the client wants most.
///
/// The most specific range that names a type gives its quality; between equal qualities the type that is named more
/// specifically wins, then our own order. A client that accepts none of them gets the first: the RFC leaves that to us,
/// and an answer helps more than a refusal. What cannot be read is passed over.
pub fn preferred(headers: &HeaderMap, offered: &[&'static str]) -> Option<&'static str> {
    let ranges: Vec<Range<'_>> =
        headers.get_all(header::ACCEPT).filter_map(|value| value.to_str().ok()).flat_map(ranges).collect();
    let wish = |offer: &str| {
        let best = ranges.iter().filter_map(|range| range.names(offer)).max_by_key(|(how, _)| *how);
        best.map_or((0, 0), |(how, quality)| (quality, how))
    };
    // The last of equal ones is what `max_by_key` answers, so ours go in backwards.
    offered.iter().rev().max_by_key(|offer| wish(offer)).copied()
}

/// `text/*;q=0.5`: the media range and its quality in thousandths.
struct Range<'a> {
    kind: &'a str,
    subtype: &'a str,
    quality: u16,
}

fn ranges(value: &str) -> impl Iterator<Item = Range<'_>> {
    value.split(',').filter_map(range)
}

fn range(text: &str) -> Option<Range<'_>> {
    let mut parts = text.split(';').map(str::trim);
    let (kind, subtype) = parts.next()?.split_once('/')?;
    let given = parts.find_map(|part| part.strip_prefix("q=").or_else(|| part.strip_prefix("Q=")));
    let quality = given.map_or(Some(1000), thousandths)?;
    Some(Range { kind, subtype, quality })
}

/// `0.85` is 850; anything but a number from 0 to 1 with at most three decimals is nothing.
fn thousandths(text: &str) -> Option<u16> {
    let (whole, decimals) = text.split_once('.').unwrap_or((text, ""));
    let plain = |digits: &str| digits.bytes().all(|byte| byte.is_ascii_digit());
    if whole.len() != 1 || decimals.len() > 3 || !plain(whole) || !plain(decimals) {
        return None;
    }
    let value = whole.parse::<u16>().ok()? * 1000 + format!("{decimals:0<3}").parse::<u16>().ok()?;
    (value <= 1000).then_some(value)
}

impl Range<'_> {
    /// How specifically it names this type, and with which quality.
    fn names(&self, offer: &str) -> Option<(u8, u16)> {
        let (kind, subtype) = offer.split_once('/')?;
        let same_kind = self.kind.eq_ignore_ascii_case(kind);
        let how = match (self.kind, self.subtype) {
            ("*", "*") => 1,
            (_, "*") if same_kind => 2,
            (_, named) if same_kind && named.eq_ignore_ascii_case(subtype) => 3,
            _ => return None,
        };
        Some((how, self.quality))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use actix_web::test::TestRequest;

    const FORMS: [&str; 3] = ["text/plain", "application/x-ndjson", "text/event-stream"];

    #[test]
    fn the_form_is_the_one_that_is_wanted_most() {
        for (accept, form) in [
            ("", 0),
            ("*/*", 0),
            ("text/*", 0),
            ("application/*", 1),
            ("application/x-ndjson", 1),
            ("Text/Event-Stream", 2),
            ("text/event-stream, */*", 2),
            ("text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8", 0),
            ("text/event-stream;q=0.5, application/x-ndjson", 1),
            ("text/event-stream;q=0.5, application/x-ndjson;q=0.25", 2),
            ("text/*;q=0.3, text/event-stream;q=0.2, application/x-ndjson;q=0.1", 0),
            ("text/plain;q=0, text/*;q=0.1", 2),
            ("text/plain;q=0.9, */*", 1),
            ("application/json", 0),
            ("text/event-stream;q=2, application/x-ndjson;q=0.1", 1),
            ("text/event-stream;q=-1, application/x-ndjson;q=0.1", 1),
            ("text/event-stream;charset=utf-8;q=0.7, application/x-ndjson;q=0.6", 2),
            (";;;,/,,q=1", 0),
        ] {
            let request = TestRequest::default().append_header(("accept", accept)).to_http_request();
            assert_eq!(preferred(request.headers(), &FORMS), Some(FORMS[form]), "{accept:?}");
        }
        let twice = TestRequest::default()
            .append_header(("accept", "application/x-ndjson;q=0.5"))
            .append_header(("accept", "text/event-stream"))
            .to_http_request();
        assert_eq!(preferred(twice.headers(), &FORMS), Some("text/event-stream"));
    }
}
