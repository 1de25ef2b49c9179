//! Where a request stands in its caller's trace, and that what it makes is a part of it.

use actix_web::HttpRequest;
use shipstack_service::DeploymentTrace;
use shipstack_types::{Birth, TraceParent};

/// What the caller says (W3C Trace Context). What cannot be read is ignored, as the standard wants it, and so is more than one.
pub(crate) fn caller(request: &HttpRequest) -> Option<TraceParent> {
    let mut values = request.headers().get_all("traceparent");
    let (value, None) = (values.next()?, values.next()) else { return None };
    value.to_str().ok()?.trim().parse().ok()
}

/// Says in the log that a deployment is accepted, or was before.
pub(crate) fn say_accepted(birth: &Birth) {
    let trace = DeploymentTrace::of(birth);
    tracing::info!(deployment.id = %birth.id, trace.id = trace.id(), "deployment accepted");
}

#[cfg(test)]
mod tests {
    use super::*;
    use actix_web::test::TestRequest;

    #[test]
    fn one_legal_traceparent_counts_and_nothing_else() {
        const LEGAL: &str = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";
        let asked = |values: &[&str]| {
            let request = TestRequest::default();
            let request =
                values.iter().fold(request, |request, value| request.append_header(("traceparent", *value)));
            caller(&request.to_http_request()).map(|parent| parent.to_string())
        };
        assert_eq!(asked(&[LEGAL]).as_deref(), Some(LEGAL));
        for wrong in [&[][..], &["00"], &[LEGAL, LEGAL], &["\u{e4}"]] {
            assert_eq!(asked(wrong), None, "{wrong:?}");
        }
    }
}
