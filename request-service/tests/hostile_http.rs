//! hostile.md §7 through raw sockets: each row gets its answer, and the next good request is served.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, clippy::panic, reason = "tests")]

mod support;

use support::{Answer, TestHost, id, parse, publish, raw};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

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

/// Status of each raw request; then a good one must be served.
async fn statuses(requests: &[String]) -> Vec<u16> {
    let host = host().await;
    let mut statuses = Vec::new();
    for request in requests {
        statuses.push(parse(&raw(host.addr, request.as_bytes()).await).status);
        assert_eq!(host.page("abc", "/").await.text(), "home", "after {request:?}");
    }
    host.stop().await;
    statuses
}

fn get(path: &str, headers: &str) -> String {
    format!("GET {path} HTTP/1.1\r\nHost: abc.localhost\r\n{headers}Connection: close\r\n\r\n")
}

/// Rows 193 to 197.
#[tokio::test(flavor = "multi_thread")]
async fn a_host_that_is_none_is_a_bad_request() {
    let long = format!("{}.localhost", "a".repeat(300));
    let mut requests: Vec<String> = [
        "a.example@evil",
        "a b",
        "a, b",
        "a/../x",
        "",
        "a:99999",
        "a:",
        "[::1",
        ".",
        "a..b",
        "-a.b",
        "a\0b",
        "é.example",
        &long,
    ]
    .iter()
    .map(|host| format!("GET / HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n\r\n"))
    .collect();
    requests.push("GET / HTTP/1.1\r\nConnection: close\r\n\r\n".into());
    requests.push(
        "GET / HTTP/1.1\r\nHost: abc.localhost\r\nHost: abc.localhost\r\nConnection: close\r\n\r\n".into(),
    );
    requests.push(
        "GET / HTTP/1.1\r\nHost: abc.localhost\r\nHost: other.localhost\r\nConnection: close\r\n\r\n".into(),
    );
    requests.push(
        "GET http://other.localhost/ HTTP/1.1\r\nHost: abc.localhost\r\nConnection: close\r\n\r\n".into(),
    );
    for (request, status) in requests.iter().zip(statuses(&requests).await) {
        assert_eq!(status, 400, "{request:?}");
    }
}

/// Row 201.
#[tokio::test(flavor = "multi_thread")]
async fn forwarding_headers_change_nothing() {
    let host = host().await;
    publish(&host.store, &id("victim"), &[("index.html", b"victim")]).await;
    for header in [
        "X-Forwarded-Host: victim.localhost",
        "Forwarded: host=victim.localhost",
        "X-Original-URL: /about",
        "X-Rewrite-URL: /about",
        "X-HTTP-Method-Override: DELETE",
        "X-Forwarded-Prefix: /docs",
    ] {
        assert_eq!(host.get("abc.localhost", "/", &[header]).await.text(), "home", "{header}");
    }
    host.stop().await;
}

/// Rows 204, 205, 208 and 229: a site takes no body, and what could be read in two ways is not read at all.
#[tokio::test(flavor = "multi_thread")]
async fn bodies_and_ambiguous_framing_are_refused() {
    let framed = |headers: &str| format!("GET / HTTP/1.1\r\nHost: abc.localhost\r\n{headers}\r\n\r\n");
    let requests: Vec<String> = [
        "Content-Length: 5\r\nTransfer-Encoding: chunked",
        "Content-Length: 5\r\nContent-Length: 6",
        "Content-Length: +3",
        "Content-Length: -1",
        "Content-Length: 0x3",
        "Content-Length: 3, 3",
        "Content-Length: 99999999999999999999",
        "Transfer-Encoding: xchunked",
        "Transfer-Encoding: gzip, chunked",
        "Transfer-Encoding: chunked",
        "Content-Length: 5",
        "Content-Length: 10000000000",
        " folded: x",
        "no colon",
        ": empty",
        "a\rb: c",
    ]
    .iter()
    .map(|headers| framed(headers))
    .collect();
    for (request, status) in requests.iter().zip(statuses(&requests).await) {
        assert!([400, 413].contains(&status), "{request:?}: {status}");
    }
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

/// Row 209.
#[tokio::test(flavor = "multi_thread")]
async fn methods_that_change_things_are_refused_with_those_that_are_there() {
    let host = host().await;
    for method in ["get", "POST", "PUT", "DELETE", "PATCH", "TRACE", "PROPFIND"] {
        let answer = host.ask(method, "abc.localhost", "/", &[]).await;
        assert_eq!((answer.status, answer.header("allow")), (405, Some("GET, HEAD, OPTIONS")), "{method}");
    }
    let connect = host.ask("CONNECT", "abc.localhost:443", "abc.localhost:443", &[]).await;
    assert_eq!(connect.status, 405);
    for path in ["/", "*"] {
        let answer = host.ask("OPTIONS", "abc.localhost", path, &[]).await;
        assert_eq!((answer.status, answer.header("allow")), (204, Some("GET, HEAD, OPTIONS")), "{path}");
    }
    assert_eq!(host.ask("FOO{}", "abc.localhost", "/", &[]).await.status, 400);
    host.stop().await;
}

/// Row 210.
#[tokio::test(flavor = "multi_thread")]
async fn other_protocols_crash_nothing() {
    let host = host().await;
    for bytes in [
        b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n".as_slice(),
        b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03".as_slice(),
        b"GET /\r\n".as_slice(),
        b"\0\0\0\0".as_slice(),
    ] {
        let mut stream = TcpStream::connect(host.addr).await.unwrap();
        stream.write_all(bytes).await.unwrap();
        stream.shutdown().await.unwrap();
        let mut answer = Vec::new();
        let _ = stream.read_to_end(&mut answer).await;
        assert!(!String::from_utf8_lossy(&answer).contains("home"), "{bytes:?}");
        assert_eq!(host.page("abc", "/").await.text(), "home");
    }
    let upgrade = host.get("abc.localhost", "/", &["Upgrade: h2c", "HTTP2-Settings: AAA"]).await;
    assert_eq!(upgrade.status, 200);
    host.stop().await;
}

/// Rows 212 to 214 and 218.
#[tokio::test(flavor = "multi_thread")]
async fn a_path_is_decoded_once_and_refused_rather_than_repaired() {
    let bad = [
        "/../../etc/passwd",
        "/%2e%2e/",
        "/..%2f",
        "/..\\..\\x",
        "/.%2e/",
        "/a/./b",
        "/a%00.html",
        "/%0d%0aSet-Cookie:x=1",
        "/%0a",
        "/%7f",
        "/%c0%ae%c0%ae/x",
        "/%ff",
        "/%zz",
        "/%",
        "/%u002e",
    ];
    let requests: Vec<String> = bad.iter().map(|path| get(path, "")).collect();
    for (request, status) in requests.iter().zip(statuses(&requests).await) {
        assert_eq!(status, 400, "{request:?}");
    }
    let host = host().await;
    let api = |path: &'static str| host.get("abc.localhost", path, &["Accept: application/json"]);
    for path in [
        "/%252e%252e%252f",
        "/..;/x",
        "/a//b",
        "/index.html/",
        "/index.html%20",
        "/INDEX.HTML",
        "/%2Findex.html",
    ] {
        assert_eq!(api(path).await.status, 404, "{path}");
    }
    host.stop().await;
}

/// Row 216.
#[tokio::test(flavor = "multi_thread")]
async fn no_address_redirects_to_another_host() {
    let host = host().await;
    for path in [
        "//evil.example/%2f..",
        "//docs",
        "//evil.example/docs",
        "/https://evil.example",
        "/docs",
        "/about.html",
    ] {
        let answer: Answer = host.get("abc.localhost", path, &["Accept: text/html"]).await;
        if let Some(location) = answer.header("location") {
            assert!(location.starts_with('/') && !location.starts_with("//"), "{path}: {location}");
        }
        assert!(answer.headers.iter().all(|(name, _)| name != "set-cookie"));
    }
    host.stop().await;
}

/// Row 217.
#[tokio::test(flavor = "multi_thread")]
async fn long_addresses_and_large_heads_are_refused() {
    let requests = [
        get(&format!("/{}", "a".repeat(8200)), ""),
        get("/", &format!("X: {}\r\n", "x".repeat(17 * 1024))),
        get("/", &"X-Many: y\r\n".repeat(200)),
        get("/", &format!("X: {}\r\n", "x".repeat(200 * 1024))),
        get(&format!("/?{}", "q".repeat(17 * 1024)), ""),
    ];
    let statuses = statuses(&requests).await;
    assert_eq!(statuses[0], 414);
    for status in &statuses[1..4] {
        assert!([400, 431].contains(status), "{statuses:?}");
    }
    assert_eq!(statuses[4], 431);
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
