//! What the hostile catalogue (`crates/shipstack/tests/hostile/sites.toml`) cannot say of a site: what happens to the
//! connection afterwards, and to one on which nothing comes.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, clippy::panic, reason = "tests")]

mod support;

use support::{TestHost, id, parse, publish, raw};

async fn host() -> TestHost {
    let host = TestHost::start().await;
    publish(
        &host.store,
        &id("abc"),
        &[("index.html", b"home"), ("about.html", b"about"), ("docs/index.html", b"docs")],
    )
    .await;
    host
}

/// A stalled body is not waited for (row 229), and what follows a refused request on its connection is not served.
#[tokio::test(flavor = "multi_thread")]
async fn a_refused_body_closes_the_connection_at_once() {
    let host = host().await;
    let smuggled = "POST / HTTP/1.1\r\nHost: abc.localhost\r\nContent-Length: 60\r\n\r\nGET /about HTTP/1.1\r\nHost: abc.localhost\r\n\r\n";
    let answer = raw(host.addr, smuggled.as_bytes()).await;
    assert_eq!(parse(&answer).status, 413);
    assert_eq!(String::from_utf8_lossy(&answer).matches("HTTP/1.1").count(), 1);
    host.stop().await;
}

/// Row 228.
#[tokio::test(flavor = "multi_thread")]
async fn a_client_that_says_nothing_or_half_a_head_is_cut_off() {
    let host = host().await;
    let started = std::time::Instant::now();
    let half = raw(host.addr, b"GET / HTTP/1.1\r\nHost: abc.lo").await;
    let nothing = raw(host.addr, b"").await;
    assert!(started.elapsed() < std::time::Duration::from_secs(15), "{:?}", started.elapsed());
    for answer in [half, nothing] {
        assert!(answer.is_empty() || parse(&answer).status == 408, "{:?}", String::from_utf8_lossy(&answer));
    }
    host.stop().await;
}
