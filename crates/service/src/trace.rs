//! One trace for each deployment, from the request that made it, through the queue, to its first visit, in every process
//! that has a hand in it.
//!
//! The trace is the caller's where the request brought a `traceparent`, which the birth record and the result carry. Else
//! its id follows from the deployment's: so nothing has to be handed through the queue, nothing is lost with Redis, and
//! whoever knows the id of a deployment knows where to look. The request's own span has an id that follows from the
//! deployment's in both cases: whatever comes later names it as its parent without having been told.

use shipstack_types::{Birth, DeploymentId, TraceParent};
use tracing::field::Empty;
use tracing::{Span, info_span};

/// The target of the spans that make up a trace; no other span is exported.
pub const TRACE_TARGET: &str = "shipstack::trace";

/// The trace of one deployment.
#[derive(Clone, Debug)]
pub struct DeploymentTrace {
    id: DeploymentId,
    /// Where the deployment's own part begins: the span of the request.
    own: TraceParent,
    caller: Option<TraceParent>,
}

impl DeploymentTrace {
    /// The trace of this deployment, whose request stood there in its caller's trace.
    #[must_use]
    pub fn new(id: &DeploymentId, caller: Option<&TraceParent>) -> Self {
        Self { id: id.clone(), own: TraceParent::of(id), caller: caller.cloned() }
    }

    /// The trace as the birth record has it.
    #[must_use]
    pub fn of(birth: &Birth) -> Self {
        Self::new(&birth.id, birth.traceparent.as_ref())
    }

    /// The id of the trace.
    #[must_use]
    pub fn id(&self) -> &str {
        self.caller.as_ref().unwrap_or(&self.own).trace_id()
    }

    /// A span for a step, below the current one if that belongs to the trace, else below the request's. Every log line
    /// within it carries the deployment and its trace.
    #[must_use]
    pub fn span(&self, step: &'static str) -> Span {
        info_span!(target: TRACE_TARGET, "deployment", step, deployment.id = %self.id, trace.id = self.id())
    }

    /// Says that a span of [`request_span`] is that of the request which made this deployment.
    pub fn begins_in(&self, request: &Span) {
        request.record("deployment.id", self.id.as_str());
        request.record("trace.id", self.id());
        request.record("span.id", self.own.span_id());
        if let Some(caller) = &self.caller {
            request.record("parent.id", caller.span_id());
        }
    }

    /// Says that a span of [`claim_span`] is of this trace.
    pub fn goes_on_in(&self, claim: &Span) {
        claim.record("trace.id", self.id());
    }
}

/// A span for a request that may make a deployment; it is nobody's until [`DeploymentTrace::begins_in`] says whose.
#[must_use]
pub fn request_span() -> Span {
    info_span!(
        target: TRACE_TARGET, "deployment", step = "accept",
        deployment.id = Empty, trace.id = Empty, span.id = Empty, parent.id = Empty
    )
}

/// A span for a claim, whose birth record is still to be read.
#[must_use]
pub fn claim_span(step: &'static str, id: &DeploymentId) -> Span {
    info_span!(target: TRACE_TARGET, "deployment", step, deployment.id = %id, trace.id = Empty)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_trace_is_the_callers_or_follows_from_the_deployment() {
        let id: DeploymentId = "k3v9x2m7q4tzb8wd".parse().unwrap();
        let caller = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01".parse().unwrap();
        assert_eq!(DeploymentTrace::new(&id, Some(&caller)).id(), "4bf92f3577b34da6a3ce929d0e0e4736");
        assert_eq!(DeploymentTrace::new(&id, None).id(), TraceParent::of(&id).trace_id());
    }
}
