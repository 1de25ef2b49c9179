//! One trace for a deployment, over all three services, as a collector sees it.

use crate::fixture::Fixture;
use crate::platform::{Platform, Shape};
use reqwest::Client;
use serde_json::{Value, json};
use shipstack_testkit::Collector;
use shipstack_types::{DeploymentId, TraceParent};
use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

const PATIENCE: Duration = Duration::from_mins(1);
const CALLER: &str = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";

/// The spans of a deployment by name, each with the service that it is of.
fn spans_of(collector: &Collector, id: &str) -> BTreeMap<String, (String, Value)> {
    let mut found = BTreeMap::new();
    for body in collector.bodies() {
        let request: Value = serde_json::from_str(&body).unwrap();
        let resource = &request["resourceSpans"][0];
        let service = resource["resource"]["attributes"][0]["value"]["stringValue"].as_str().unwrap();
        for span in resource["scopeSpans"][0]["spans"].as_array().unwrap() {
            let name = span["name"].as_str().unwrap().to_owned();
            if span["attributes"][0] == json!({ "key": "deployment.id", "value": { "stringValue": id } }) {
                assert!(found.insert(name, (service.to_owned(), span.clone())).is_none(), "twice: {span}");
            }
        }
    }
    found
}

/// The spans of a deployment that was visited: all in one trace, each below another one of it.
async fn of_a_visited_one(
    platform: &Platform,
    collector: &Collector,
    id: &str,
) -> BTreeMap<String, (String, Value)> {
    platform.deployed(id).await;
    for _ in 0..3 {
        assert_eq!(platform.visit(id, "/", &[]).await.status(), 200);
    }
    let all_there = || async {
        let spans = spans_of(collector, id);
        ["accept", "build", "settle", "visit"].iter().all(|name| spans.contains_key(*name))
    };
    platform.until(PATIENCE, "the spans of all services", all_there).await;
    let spans = spans_of(collector, id);
    let ids: BTreeSet<&str> = spans.values().map(|(_, span)| span["spanId"].as_str().unwrap()).collect();
    for (name, (_, span)) in &spans {
        assert_eq!(span["traceId"], spans["accept"].1["traceId"], "{name}");
        let below_ours = span["parentSpanId"].as_str().is_some_and(|parent| ids.contains(parent));
        assert!(name == "accept" || below_ours, "{span}");
    }
    spans
}

#[tokio::test(flavor = "multi_thread")]
async fn a_deployment_is_one_trace_from_its_request_to_its_first_visit() {
    let collector = Collector::start().unwrap();
    let settings = [("OTEL_EXPORTER_OTLP_ENDPOINT", collector.endpoint())];
    let settings = settings.each_ref().map(|(name, value)| (*name, value.as_str()));
    let Some(platform) = Platform::start(Shape::ThreeServices, &settings).await else { return };
    let project = Fixture::of("static").texts();
    let files: Vec<(&str, &str)> =
        project.iter().map(|(name, text)| (name.as_str(), text.as_str())).collect();
    platform.git.add_repo("traced", &files).unwrap();
    let request = Client::builder().no_proxy().build().unwrap().post(format!("{}/deploy", platform.api));
    let body = json!({ "repourl": platform.git.url("traced") });
    let answer: Value =
        request.header("traceparent", CALLER).json(&body).send().await.unwrap().json().await.unwrap();
    let id = answer["id"].as_str().unwrap();

    let spans = of_a_visited_one(&platform, &collector, id).await;
    let (service, accept) = &spans["accept"];
    assert_eq!((service.as_str(), &accept["kind"]), ("upload-service", &json!(2)));
    assert_eq!(accept["traceId"], "4bf92f3577b34da6a3ce929d0e0e4736", "the caller's");
    assert_eq!(accept["parentSpanId"], "00f067aa0ba902b7");
    for (name, service, above) in [
        ("intake", "upload-service", "accept"),
        ("cloning", "upload-service", "intake"),
        ("snapshotting", "upload-service", "intake"),
        ("build", "deploy-worker", "accept"),
        ("preparing", "deploy-worker", "build"),
        ("collecting", "deploy-worker", "build"),
        ("settle", "deploy-worker", "build"),
        ("visit", "request-service", "accept"),
    ] {
        let (of, span) = spans.get(name).unwrap_or_else(|| panic!("no {name} among {:?}", spans.keys()));
        assert_eq!((of.as_str(), &span["parentSpanId"]), (service, &spans[above].1["spanId"]), "{name}");
    }
    let named = format!("\"trace.id\":\"{}\"", accept["traceId"].as_str().unwrap());
    for service in ["upload-service", "deploy-worker", "request-service"] {
        let log = platform.output(service);
        let told = log.lines().any(|line| line.contains(&named) && line.contains(id));
        assert!(told, "{service} logs the trace and the deployment together\n{log}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_deployment_without_a_caller_has_a_trace_that_follows_from_its_id() {
    let collector = Collector::start().unwrap();
    let settings = [("OTEL_EXPORTER_OTLP_ENDPOINT", collector.endpoint())];
    let settings = settings.each_ref().map(|(name, value)| (*name, value.as_str()));
    let Some(platform) = Platform::start(Shape::AllInOne, &settings).await else { return };
    let id = platform.deploy_archive("?prebuilt=true", &Fixture::of("static")).await;
    let spans = of_a_visited_one(&platform, &collector, &id).await;
    let own = TraceParent::of(&id.parse::<DeploymentId>().unwrap());
    let (service, accept) = &spans["accept"];
    assert_eq!((service.as_str(), accept["traceId"].as_str()), ("shipstack", Some(own.trace_id())));
    assert_eq!((accept["spanId"].as_str(), &accept["parentSpanId"]), (Some(own.span_id()), &Value::Null));
}
