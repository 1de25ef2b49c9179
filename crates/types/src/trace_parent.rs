//! `traceparent`: where a request stands in its caller's trace (W3C Trace Context, level 1).

use crate::DeploymentId;
use crate::Sha256Digest;
use serde::{Deserialize, Serialize};
use std::fmt;
use std::str::FromStr;

/// Hexadecimal digits of a trace's id.
const TRACE: usize = 32;
/// Hexadecimal digits of a span's id.
const SPAN: usize = 16;

/// A span in a trace, as `00-<trace>-<span>-<flags>`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct TraceParent {
    trace: String,
    span: String,
    flags: String,
}

/// It is no `traceparent`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("a traceparent is 00-<32 hexadecimal digits>-<16>-<2>, neither id all zeroes")]
pub struct InvalidTraceParent;

impl TraceParent {
    /// Where a deployment's own trace begins, when nobody brought one along: both ids follow from the deployment's, so
    /// that nothing of a trace is lost with Redis, and whoever knows a deployment knows where to look.
    #[must_use]
    pub fn of(id: &DeploymentId) -> Self {
        let digest = Sha256Digest::of(id.as_str().as_bytes()).to_string();
        let (trace, rest) = digest.split_at_checked(TRACE).unwrap_or((&digest, ""));
        Self { trace: trace.to_owned(), span: rest.chars().take(SPAN).collect(), flags: "01".to_owned() }
    }

    /// The id of the trace, 32 hexadecimal digits.
    #[must_use]
    pub fn trace_id(&self) -> &str {
        &self.trace
    }

    /// The id of the span, 16 hexadecimal digits.
    #[must_use]
    pub fn span_id(&self) -> &str {
        &self.span
    }
}

impl FromStr for TraceParent {
    type Err = InvalidTraceParent;

    /// A version that is not known yet may have more at its end; what version 0 has comes first (§3.2.4).
    fn from_str(text: &str) -> Result<Self, InvalidTraceParent> {
        let mut parts = text.split('-');
        let mut next = |length: usize| parts.next().filter(|part| is_hex(part, length));
        let (version, trace, span, flags) = (next(2), next(TRACE), next(SPAN), next(2));
        let (Some(version), Some(trace), Some(span), Some(flags)) = (version, trace, span, flags) else {
            return Err(InvalidTraceParent);
        };
        let is_zero = |id: &str| id.bytes().all(|byte| byte == b'0');
        let has_more = parts.next().is_some();
        if version == "ff" || (version == "00" && has_more) || is_zero(trace) || is_zero(span) {
            return Err(InvalidTraceParent);
        }
        Ok(Self { trace: trace.to_owned(), span: span.to_owned(), flags: flags.to_owned() })
    }
}

/// In lower case only, as the standard has it.
fn is_hex(text: &str, length: usize) -> bool {
    text.len() == length && text.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'))
}

impl fmt::Display for TraceParent {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "00-{}-{}-{}", self.trace, self.span, self.flags)
    }
}

impl TryFrom<String> for TraceParent {
    type Error = InvalidTraceParent;

    fn try_from(text: String) -> Result<Self, InvalidTraceParent> {
        text.parse()
    }
}

impl From<TraceParent> for String {
    fn from(parent: TraceParent) -> Self {
        parent.to_string()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const GIVEN: &str = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";

    #[test]
    fn a_callers_place_is_read_and_written_as_it_was() {
        let parent: TraceParent = GIVEN.parse().unwrap();
        assert_eq!(parent.trace_id(), "4bf92f3577b34da6a3ce929d0e0e4736");
        assert_eq!((parent.span_id(), parent.to_string().as_str()), ("00f067aa0ba902b7", GIVEN));
        let later: TraceParent = GIVEN.replace("00-4", "cc-4").parse().unwrap();
        assert_eq!(later.to_string(), GIVEN, "what is known of a later version");
        assert!(format!("{}-more", GIVEN.replace("00-4", "cc-4")).parse::<TraceParent>().is_ok());
    }

    #[test]
    fn what_the_standard_forbids_is_no_place_in_a_trace() {
        for wrong in [
            "",
            "00",
            "ff-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01",
            "00-4BF92F3577B34DA6A3CE929D0E0E4736-00f067aa0ba902b7-01",
            "00-00000000000000000000000000000000-00f067aa0ba902b7-01",
            "00-4bf92f3577b34da6a3ce929d0e0e4736-0000000000000000-01",
            "00-4bf92f3577b34da6a3ce929d0e0e473-00f067aa0ba902b7-01",
            "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-0x",
            "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01-more",
            "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7",
            " 00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01",
        ] {
            assert_eq!(wrong.parse::<TraceParent>(), Err(InvalidTraceParent), "{wrong}");
        }
    }

    #[test]
    fn a_deployments_own_trace_is_the_same_in_every_process_and_another_for_every_deployment() {
        let one: DeploymentId = "k3v9x2m7q4tzb8wd".parse().unwrap();
        let trace = TraceParent::of(&one);
        assert_eq!(trace, TraceParent::of(&one.clone()));
        assert_eq!(trace.to_string().parse(), Ok(trace.clone()), "it is legal");
        assert_ne!(trace.trace_id(), TraceParent::of(&"k3v9x2m7q4tzb8we".parse().unwrap()).trace_id());
    }
}
