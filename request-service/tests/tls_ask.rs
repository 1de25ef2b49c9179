//! `/tls-ask`, which the ingress asks before it gets a certificate.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, clippy::panic, reason = "tests")]

mod support;

use futures_util::future::join_all;
use shipstack_types::DeploymentState;
use support::{TestHost, bear, id, publish, settle};

async fn ask(host: &TestHost, name: &str) -> u16 {
    let request = format!(
        "GET /tls-ask?domain={name}.localhost HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n"
    );
    support::parse(&support::raw(host.health, request.as_bytes()).await).status
}

#[tokio::test(flavor = "multi_thread")]
async fn only_what_is_served_or_will_be_gets_a_certificate() {
    let host = TestHost::start().await;
    publish(&host.store, &id("deployed"), &[("index.html", b"home")]).await;
    bear(&host.store, &id("building")).await;
    bear(&host.store, &id("failed")).await;
    settle(&host.store, &id("failed"), DeploymentState::Failed, None).await;
    for (name, status) in [("deployed", 200), ("building", 200), ("failed", 404), ("nobody", 404)] {
        assert_eq!(ask(&host, name).await, status, "{name}");
    }
    host.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_flood_of_invented_names_is_refused_and_known_sites_are_not() {
    let host = TestHost::start().await;
    publish(&host.store, &id("deployed"), &[("index.html", b"home")]).await;
    assert_eq!(ask(&host, "deployed").await, 200);
    let names: Vec<String> = (0..300).map(|number| format!("invented{number}")).collect();
    let answers = join_all(names.iter().map(|name| ask(&host, name))).await;
    assert!(answers.iter().all(|status| [404, 429].contains(status)), "{answers:?}");
    assert!(answers.contains(&429), "300 look-ups at once");
    assert_eq!(ask(&host, "deployed").await, 200, "remembered, so it costs nothing");
    host.stop().await;
}
