//! serving.md §2: conditional requests (RFC 9110 §13). `If-None-Match` comes before `If-Modified-Since`.
//!
//! **Guarantees**: what cannot be read is ignored, so that a strange validator costs a body and never a wrong 304.

use shipstack_types::Timestamp;

/// The conditional headers of a request, as sent.
#[derive(Clone, Copy, Debug, Default)]
pub struct Conditions<'a> {
    /// `If-Match`.
    pub if_match: Option<&'a str>,
    /// `If-None-Match`.
    pub if_none_match: Option<&'a str>,
    /// `If-Modified-Since`.
    pub if_modified_since: Option<&'a str>,
}

/// What the conditions make of an answer that would otherwise be a 200.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Verdict {
    /// Send it.
    Send,
    /// 304.
    NotModified,
    /// 412: `If-Match` names none of what is here.
    Failed,
}

impl Conditions<'_> {
    /// `etag` is our strong tag with its quotes; `modified` when these bytes appeared here.
    pub(crate) fn judge(&self, etag: Option<&str>, modified: Option<Timestamp>) -> Verdict {
        if self.if_match.is_some_and(|list| !names(list, etag, Comparison::Strong)) {
            return Verdict::Failed;
        }
        let unchanged = match self.if_none_match {
            Some(list) => names(list, etag, Comparison::Weak),
            None => self.if_modified_since.zip(modified).is_some_and(|(since, at)| not_after(at, since)),
        };
        if unchanged { Verdict::NotModified } else { Verdict::Send }
    }
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Comparison {
    Strong,
    Weak,
}

/// Whether a list of entity tags, or `*`, names this one. The list is cut at quotes, for a tag may hold a comma.
fn names(list: &str, etag: Option<&str>, comparison: Comparison) -> bool {
    if list.trim() == "*" {
        return true;
    }
    let Some(opaque) = etag.and_then(|tag| tag.strip_prefix('"')?.strip_suffix('"')) else { return false };
    let mut rest = list;
    while let Some((before, after)) = rest.split_once('"') {
        let Some((tag, next)) = after.split_once('"') else { return false };
        let weak = before.trim_start_matches([',', ' ', '\t']) == "W/";
        if tag == opaque && (comparison == Comparison::Weak || !weak) {
            return true;
        }
        rest = next;
    }
    false
}

/// Whole seconds, for an HTTP date has no finer ones.
fn not_after(modified: Timestamp, http_date: &str) -> bool {
    let since = jiff::fmt::rfc2822::DateTimeParser::new().parse_timestamp(http_date);
    since.is_ok_and(|since| seconds(modified) <= since.as_second())
}

fn seconds(time: Timestamp) -> i64 {
    i64::try_from(time.as_millis() / 1000).unwrap_or(i64::MAX)
}

/// A time as an HTTP date (`Sun, 06 Nov 1994 08:49:37 GMT`).
pub(crate) fn http_date(time: Timestamp) -> Option<String> {
    let time = jiff::Timestamp::from_second(seconds(time)).ok()?;
    jiff::fmt::rfc2822::DateTimePrinter::new().timestamp_to_rfc9110_string(&time).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    const TAG: &str = "\"abc\"";

    fn none_match(list: &str) -> Verdict {
        let conditions = Conditions { if_none_match: Some(list), ..Conditions::default() };
        conditions.judge(Some(TAG), None)
    }

    #[test]
    fn if_none_match_knows_lists_weak_forms_and_the_star() {
        let huge = format!("{}\"abc\"", "\"x\", ".repeat(2000));
        for list in ["\"abc\"", "W/\"abc\"", "*", " * ", "\"x\", \"abc\"", "\"a,b\",W/\"abc\"", huge.as_str()]
        {
            assert_eq!(none_match(list), Verdict::NotModified, "{list:.40}");
        }
        for list in ["", "\"abd\"", "abc", "\"abc", "W/\"x\"", "\"ABC\"", "\",\"", "**"] {
            assert_eq!(none_match(list), Verdict::Send, "{list}");
        }
    }

    #[test]
    fn if_match_compares_strongly() {
        let judge =
            |list| Conditions { if_match: Some(list), ..Conditions::default() }.judge(Some(TAG), None);
        assert_eq!(judge("\"abc\""), Verdict::Send);
        assert_eq!(judge("*"), Verdict::Send);
        assert_eq!(judge("W/\"abc\""), Verdict::Failed);
        assert_eq!(judge("\"x\""), Verdict::Failed);
    }

    #[test]
    fn if_modified_since_counts_only_without_if_none_match_and_only_when_it_can_be_read() {
        let modified = Some(Timestamp::from_millis(784_111_777_900));
        let judge = |conditions: Conditions<'_>| conditions.judge(Some(TAG), modified);
        let since = |date| Conditions { if_modified_since: Some(date), ..Conditions::default() };
        let same = "Sun, 06 Nov 1994 08:49:37 GMT";
        assert_eq!(judge(since(same)), Verdict::NotModified);
        assert_eq!(judge(since("Sun, 06 Nov 2094 08:49:37 GMT")), Verdict::Send, "the weekday is wrong");
        assert_eq!(judge(since("Sat, 06 Nov 2094 08:49:37 GMT")), Verdict::NotModified);
        assert_eq!(judge(since("Sun, 06 Nov 1994 08:49:36 GMT")), Verdict::Send);
        assert_eq!(judge(since("yesterday")), Verdict::Send);
        assert_eq!(judge(Conditions { if_none_match: Some("\"x\""), ..since(same) }), Verdict::Send);
    }

    #[test]
    fn a_date_is_written_as_http_wants_it() {
        let text = http_date(Timestamp::from_millis(784_111_777_900)).unwrap();
        assert_eq!(text, "Sun, 06 Nov 1994 08:49:37 GMT");
    }
}
