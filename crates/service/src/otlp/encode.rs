//! `ExportTraceServiceRequest` of the OpenTelemetry protocol, in its JSON form: ids in hexadecimal, times as texts of
//! nanoseconds.

use super::open_span::EndedSpan;
use serde_json::{Value, json};
use std::time::{SystemTime, UNIX_EPOCH};

/// `SpanKind`: within the process, for a request, for a job from a queue.
const INTERNAL: u8 = 1;
const SERVER: u8 = 2;
const CONSUMER: u8 = 5;

/// One request with these spans, of this service.
pub(super) fn request(service: &str, spans: &[EndedSpan]) -> Value {
    let resource = [("service.name", service), ("service.version", env!("CARGO_PKG_VERSION"))];
    let resource: Vec<Value> = resource.iter().map(|(name, value)| attribute(name, value)).collect();
    json!({
        "resourceSpans": [{
            "resource": { "attributes": resource },
            "scopeSpans": [{
                "scope": { "name": crate::TRACE_TARGET },
                "spans": spans.iter().map(span).collect::<Vec<_>>(),
            }],
        }],
    })
}

fn span(span: &EndedSpan) -> Value {
    let attributes = span.attributes.iter().map(|(name, value)| attribute(name, value));
    let mut json = json!({
        "traceId": span.trace,
        "spanId": span.id,
        "name": span.step,
        "kind": kind(&span.step),
        "startTimeUnixNano": nanos(span.started),
        "endTimeUnixNano": nanos(span.ended),
        "attributes": attributes.collect::<Vec<_>>(),
    });
    if let (Some(parent), Value::Object(fields)) = (&span.parent, &mut json) {
        fields.insert("parentSpanId".to_owned(), parent.clone().into());
    }
    json
}

fn kind(step: &str) -> u8 {
    match step {
        "accept" | "visit" => SERVER,
        "intake" | "build" => CONSUMER,
        _ => INTERNAL,
    }
}

fn attribute(name: &str, value: &str) -> Value {
    json!({ "key": name, "value": { "stringValue": value } })
}

fn nanos(at: SystemTime) -> String {
    at.duration_since(UNIX_EPOCH).unwrap_or_default().as_nanos().to_string()
}
