//! What a deployment may do on the network: asked for in the request, told in the log, kept in the result, shown.

use super::commands::shipstack;
use crate::fixture::Fixture;
use crate::platform::{Platform, Shape};
use serde_json::Value;

/// Fetches this in its build, whatever becomes of it, and is a site all the same.
fn asking(url: &str) -> Fixture {
    let build = format!(
        "import * as fs from 'node:fs';
const heard = await fetch('{url}').then((answer) => answer.status, (error) => String(error.cause ?? error));
console.log('heard', heard);
fs.mkdirSync('dist', {{ recursive: true }});
fs.writeFileSync('dist/index.html', 'a site');"
    );
    let package = br#"{ "private": true, "scripts": { "build": "node build.mjs" } }"#;
    Fixture::default().with("package.json", package).with("build.mjs", build.as_bytes())
}

fn refused(deployment: &Value) -> Vec<(String, String)> {
    let refused = deployment["egress"]["refused"].as_array().unwrap();
    let text = |value: &Value| value.as_str().unwrap().to_owned();
    refused.iter().map(|host| (text(&host["host"]), text(&host["reason"]))).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_refusal_stands_in_the_log_in_the_result_and_in_the_commands_with_what_would_allow_it() {
    let Some(platform) = Platform::start(Shape::AllInOne, &[]).await else { return };
    for (query, url, host, reason, remedy) in [
        (
            "?egress.network=install-only",
            "http://a.example/",
            "a.example",
            "network_shut",
            "build.egress.network",
        ),
        (
            "?egress.hosts=b.example",
            "http://a.example/",
            "a.example",
            "host_not_listed",
            "build.egress.hosts",
        ),
        ("", "http://127.0.0.2/", "127.0.0.2", "address_not_allowed", "SHIPSTACK_EGRESS_ALLOW_PRIVATE_HOSTS"),
    ] {
        let id = platform.deploy_archive(query, &asking(url)).await;
        let deployment = platform.deployed(&id).await;
        assert_eq!(refused(&deployment), [(host.to_owned(), reason.to_owned())], "{deployment:#}");
        let log = platform.log(&id).await;
        let line = log.lines().find(|line| line.contains("was refused")).unwrap_or_else(|| panic!("{log}"));
        assert!(line.contains(&format!("{host}:80")) && line.contains(remedy), "{line}");
        assert_eq!(log.matches("was refused").count(), 1, "once: {log}");
        let (_, status) = shipstack(&platform, &["status", &id]).await;
        assert!(status.contains(&format!("{host}:80: {reason}")), "{status}");
        platform.leaves_nothing(&id).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_the_operator_shut_no_deployment_opens() {
    let settings = [("SHIPSTACK_BUILD_NETWORK", "none")];
    let Some(platform) = Platform::start(Shape::AllInOne, &settings).await else { return };
    let id = platform.deploy_archive("?egress.network=open", &asking("http://a.example/")).await;
    let deployment = platform.deployed(&id).await;
    assert_eq!(deployment["egress"]["network"], "none", "{deployment:#}");
    let log = platform.log(&id).await;
    assert!(log.contains("Network: none, in install and build."), "{log}");
    assert!(!log.contains("heard 200"), "{log}");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_install_that_needs_more_than_it_may_have_fails_and_is_told_the_setting() {
    let Some(platform) = Platform::start(Shape::AllInOne, &[]).await else { return };
    let id = platform.deploy_archive("?egress.maxReceivedBytes=50000", &Fixture::vite("npm", true)).await;
    let failure = platform.failure(&id).await;
    assert_eq!((failure["code"].as_str(), failure["fault"].as_str()), (Some("egress_denied"), Some("user")));
    let words = format!("{} {}", failure["message"], failure["remedy"]);
    assert!(words.contains("50000 bytes") && words.contains("build.egress.maxReceivedBytes"), "{words}");
}
