//! One trace for each deployment, from its acceptance to its end, through every process that has a hand in it.
//!
//! The trace's id follows from the deployment's: so nothing has to be handed through the queue, nothing is lost with
//! Redis, and whoever knows the id of a deployment knows where to look. It has the form of W3C Trace Context.

use shipstack_types::{DeploymentId, Sha256Digest};
use tracing::{Span, info_span};

/// Hexadecimal digits of a trace's id (16 bytes).
const DIGITS: usize = 32;

/// The id of a deployment's trace.
#[must_use]
pub fn trace_id(id: &DeploymentId) -> String {
    Sha256Digest::of(id.as_str().as_bytes()).to_string().chars().take(DIGITS).collect()
}

/// A span for a step of a deployment's life. Every log line within it carries the deployment and its trace.
#[must_use]
pub fn deployment_span(step: &'static str, id: &DeploymentId) -> Span {
    info_span!("deployment", step, deployment.id = %id, trace.id = trace_id(id))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_trace_is_the_same_in_every_process_and_another_for_every_deployment() {
        let one: DeploymentId = "k3v9x2m7q4tzb8wd".parse().unwrap();
        let trace = trace_id(&one);
        assert_eq!(trace, trace_id(&one.clone()));
        assert!(trace.len() == 32 && trace.bytes().all(|byte| byte.is_ascii_hexdigit()), "{trace}");
        assert_ne!(trace, trace_id(&"k3v9x2m7q4tzb8we".parse().unwrap()));
    }
}
