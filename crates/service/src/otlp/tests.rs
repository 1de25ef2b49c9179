//! Against a collector on this machine.

use super::*;
use crate::{DeploymentTrace, claim_span, request_span};
use serde_json::Value;
use shipstack_testkit::Collector as LocalCollector;
use shipstack_types::{DeploymentId, TraceParent};
use tracing_subscriber::layer::SubscriberExt as _;

const CALLER: &str = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";

fn exported(does: impl FnOnce()) -> Vec<Value> {
    let collector = LocalCollector::start().unwrap();
    let options = Options { service: "test", otlp_headers: Some("x-team=7"), ..Options::default() };
    let (layer, exporter) = start(&collector.endpoint(), &options).unwrap();
    tracing::subscriber::with_default(tracing_subscriber::registry().with(layer), does);
    drop(exporter);
    let spans = |body: &String| {
        let request: Value = serde_json::from_str(body).unwrap();
        request["resourceSpans"][0]["scopeSpans"][0]["spans"].as_array().unwrap().clone()
    };
    collector.bodies().iter().flat_map(spans).collect()
}

fn named<'a>(spans: &'a [Value], name: &str) -> &'a Value {
    spans.iter().find(|span| span["name"] == name).unwrap_or_else(|| panic!("no {name} in {spans:?}"))
}

fn of_one_deployment(caller: Option<&TraceParent>) -> Vec<Value> {
    let id: DeploymentId = "k3v9x2m7q4tzb8wd".parse().unwrap();
    let trace = DeploymentTrace::new(&id, caller);
    exported(|| {
        let request = request_span();
        trace.begins_in(&request);
        drop(request);
        let claim = claim_span("build", &id);
        claim.in_scope(|| {
            trace.goes_on_in(&tracing::Span::current());
            drop(trace.span("installing"));
            tracing::info_span!("a span of somebody else").in_scope(|| drop(trace.span("settle")));
        });
        drop(claim);
        drop(trace.span("visit"));
    })
}

#[test]
fn the_steps_of_a_deployment_are_one_trace() {
    let spans = of_one_deployment(None);
    assert_eq!(spans.len(), 5, "{spans:?}");
    let (request, claim) = (named(&spans, "accept"), named(&spans, "build"));
    assert_eq!(request["parentSpanId"], Value::Null, "it is where the trace begins");
    for span in &spans {
        assert_eq!(span["traceId"], request["traceId"], "{span}");
        assert_eq!(span["attributes"][0]["value"]["stringValue"], "k3v9x2m7q4tzb8wd");
        let time = |name: &str| span[name].as_str().unwrap().parse::<u128>().unwrap();
        assert!(time("startTimeUnixNano") <= time("endTimeUnixNano"));
    }
    for (below, above) in [("build", request), ("visit", request), ("installing", claim), ("settle", claim)] {
        assert_eq!(named(&spans, below)["parentSpanId"], above["spanId"], "{below}");
    }
}

#[test]
fn a_trace_that_the_caller_began_goes_on() {
    let spans = of_one_deployment(Some(&CALLER.parse().unwrap()));
    assert!(spans.iter().all(|span| span["traceId"] == "4bf92f3577b34da6a3ce929d0e0e4736"), "{spans:?}");
    assert_eq!(named(&spans, "accept")["parentSpanId"], "00f067aa0ba902b7");
    assert_eq!(named(&spans, "visit")["parentSpanId"], named(&spans, "accept")["spanId"]);
}

#[test]
fn a_claim_whose_birth_could_not_be_read_is_in_the_trace_that_follows_from_its_id() {
    let id: DeploymentId = "k3v9x2m7q4tzb8wd".parse().unwrap();
    let spans = exported(|| drop(claim_span("intake", &id)));
    let own = TraceParent::of(&id);
    assert_eq!(
        (&spans[0]["traceId"], &spans[0]["parentSpanId"]),
        (&own.trace_id().into(), &own.span_id().into())
    );
}

#[test]
fn a_request_that_made_nothing_is_not_exported() {
    assert_eq!(exported(|| drop(request_span())), [] as [Value; 0]);
}

#[test]
fn a_collector_that_is_away_holds_nobody_up_for_long() {
    let options = Options { service: "test", ..Options::default() };
    // Port 9 on loopback: nobody has listened there for decades.
    let (layer, exporter) = start("http://127.0.0.1:9", &options).unwrap();
    let began = std::time::Instant::now();
    tracing::subscriber::with_default(tracing_subscriber::registry().with(layer), || {
        (0..2 * WAITING).for_each(|_| drop(claim_span("intake", &"abc".parse().unwrap())));
    });
    drop(exporter);
    assert!(began.elapsed() < FLUSH + Duration::from_secs(2), "{:?}", began.elapsed());
}
