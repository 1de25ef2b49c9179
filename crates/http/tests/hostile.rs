//! What strangers send to an API, byte by byte (`hostile.md`; the numbers are its rows).
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, clippy::panic, reason = "tests")]

mod server;

use std::io::{Read, Write};
use std::net::TcpStream;
use std::time::{Duration, Instant};

use server::Server;
use shipstack_testkit::wait_until_blocking;

const JSON: &str = "Content-Type: application/json\r\n";

#[test]
fn a_good_request_is_answered() {
    let server = Server::start(&[]);
    let answer = server.post_json(r#"{"repourl":"x"}"#);
    assert_eq!((answer.status, answer.body.as_str()), (200, r#"{"repourl":"x"}"#));
    assert!(answer.head.contains("x-request-id: ") && answer.has("x-content-type-options: nosniff"));
    let answer = server.send("POST /deploy", "content-type: Application/JSON; charset=\"UTF-8\"\r\n", "{}");
    assert_eq!(answer.status, 200);
}

#[test]
fn row_12_what_is_not_json_is_415() {
    let server = Server::start(&[]);
    for kind in [
        "",
        "Content-Type: text/plain\r\n",
        "Content-Type: application/x-www-form-urlencoded\r\n",
        "Content-Type: application/json; charset=utf-16\r\n",
        "Content-Type: application/jsonx\r\n",
        "Content-Type: application/json\r\nContent-Type: text/plain\r\n",
    ] {
        let answer = server.send("POST /deploy", kind, r#"{"repourl":"x"}"#);
        assert_eq!((answer.status, answer.code().as_str()), (415, "unsupported_media_type"), "{kind}");
    }
}

#[test]
fn broken_json_and_wrong_types_are_400_with_what_is_wrong() {
    let server = Server::start(&[]);
    for body in ["{", "", "nonsense", "{\"a\":1}x", "\u{feff}{}"] {
        let answer = server.send("POST /deploy", JSON, body);
        assert_eq!((answer.status, answer.code().as_str()), (400, "invalid_json"), "{body:?}");
    }
}

#[test]
fn row_14_a_body_that_stops_arriving_is_408_and_frees_its_slot() {
    let server = Server::start(&[]);
    let started = Instant::now();
    let answer = server
        .raw(&format!("POST /deploy HTTP/1.1\r\nHost: localhost\r\n{JSON}Content-Length: 10\r\n\r\n{{}}"));
    assert_eq!((answer.status, answer.code().as_str()), (408, "request_timeout"));
    assert!(answer.has("connection: close"), "{}", answer.head);
    assert!(started.elapsed() < Duration::from_secs(8), "{:?}", started.elapsed());
}

#[test]
fn a_body_that_drips_is_408_although_it_never_pauses() {
    let server = Server::start(&[]);
    let mut stream = TcpStream::connect(server.addr).unwrap();
    stream.write_all(b"POST /upload HTTP/1.1\r\nHost: localhost\r\nContent-Length: 100000\r\n\r\n").unwrap();
    stream.set_read_timeout(Some(Duration::from_millis(1))).unwrap();
    let mut answer = [0; 12];
    wait_until_blocking(Duration::from_secs(10), "an answer to a dripping body", || {
        let _ = stream.write_all(b"x");
        stream.read_exact(&mut answer).is_ok()
    });
    assert_eq!(&answer, b"HTTP/1.1 408");
}

#[test]
fn a_long_body_that_flows_passes() {
    let server = Server::start(&[]);
    let answer = server.send("POST /upload", "", &"x".repeat(1 << 20));
    assert_eq!((answer.status, answer.body.as_str()), (200, "1048576"));
}

#[test]
fn row_16_too_much_is_413_before_it_is_read() {
    let server = Server::start(&[]);
    for expect in ["", "Expect: 100-continue\r\n"] {
        let head = format!(
            "POST /deploy HTTP/1.1\r\nHost: localhost\r\n{JSON}{expect}Content-Length: 10000000000\r\n\r\n"
        );
        let answer = server.raw(&head);
        assert_eq!((answer.status, answer.code().as_str()), (413, "body_too_large"));
        assert!(answer.body.contains("64"), "the limit is named: {}", answer.body);
    }
    let chunk = "x".repeat(100);
    let chunked = format!(
        "POST /deploy HTTP/1.1\r\nHost: localhost\r\n{JSON}Transfer-Encoding: chunked\r\n\r\n64\r\n{chunk}\r\n"
    );
    assert_eq!(server.raw(&chunked).status, 413);
}

#[test]
fn row_30_paths_are_exact_and_methods_have_their_allow() {
    let server = Server::start(&[]);
    for path in ["/deploy/", "//deploy", "/deploy;x", "/Deploy", "/deploy%2f", "/./deploy", "/x/../deploy"] {
        let answer = server.send(&format!("POST {path}"), JSON, "{}");
        assert_eq!((answer.status, answer.code().as_str()), (404, "not_found"), "{path}");
    }
    for method in ["GET", "DELETE", "PUT", "PROPFIND", "TRACE", "get"] {
        let answer = server.send(&format!("{method} /deploy"), "X-HTTP-Method-Override: POST\r\n", "");
        assert_eq!(answer.status, 405, "{method}");
        assert!(answer.has("allow: POST"), "{}", answer.head);
        assert_eq!(answer.json()["message"], "Deployment failed");
    }
}

#[test]
fn row_32_only_the_token_itself_is_let_in() {
    let server = Server::start(&[("SHIPSTACK_TOKEN", "s3cret")]);
    let ask = |authorization: &str| server.send("POST /deploy", &format!("{JSON}{authorization}"), "{}");
    assert_eq!(ask("Authorization: Bearer s3cret\r\n").status, 200);
    for wrong in [
        "",
        "Authorization: Bearer wrong\r\n",
        "Authorization: Basic s3cret\r\n",
        "Authorization: Bearer s3cret\r\nAuthorization: Bearer s3cret\r\n",
    ] {
        let answer = ask(wrong);
        assert_eq!((answer.status, answer.code().as_str()), (401, "unauthorized"), "{wrong}");
        assert!(answer.head.contains("www-authenticate: bearer"));
    }
    let long = ask(&format!("Authorization: Bearer {}\r\n", "x".repeat(64 * 1024)));
    assert!([400, 401, 431].contains(&long.status), "{}", long.status);
    let folded = ask("Authorization: Bearer s3\r\n cret\r\n");
    assert!([400, 401].contains(&folded.status));
}

#[test]
fn liveness_needs_no_token_and_nothing_else_is_free() {
    let server = Server::start(&[("SHIPSTACK_TOKEN", "s3cret")]);
    assert_eq!(server.send("GET /livez", "", "").status, 200);
    let health = server.send("GET /health", "", "");
    assert_eq!((health.status, health.json()["status"].as_str()), (200, Some("ok")));
    for path in ["/", "/livez/", "/Livez", "/nowhere"] {
        assert_eq!(server.send(&format!("GET {path}"), "", "").status, 401, "{path}");
    }
}

#[test]
fn rows_193_to_197_no_host_two_hosts_and_what_is_no_host_are_400() {
    let server = Server::start(&[]);
    let get = |hosts: &[u8]| {
        let request = [b"GET /livez HTTP/1.1\r\n", hosts, b"Connection: close\r\n\r\n"].concat();
        server.raw_bytes(&request).status
    };
    assert_eq!(get(b""), 400);
    assert_eq!(get(b"Host: localhost\r\nHost: localhost\r\n"), 400);
    assert_eq!(get(b"Host: localhost\r\nHost: evil.example\r\n"), 400);
    let long = format!("Host: {}.example\r\n", "a".repeat(300));
    for host in [
        "Host: a.example@evil\r\n".as_bytes(),
        b"Host: a b\r\n",
        b"Host: a, b\r\n",
        b"Host: a/../x\r\n",
        b"Host: \r\n",
        b"Host: a:99999\r\n",
        b"Host: a:\r\n",
        b"Host: [::1\r\n",
        b"Host: .\r\n",
        b"Host: a..b\r\n",
        b"Host: -a.b\r\n",
        b"Host: a\0b\r\n",
        b"Host: \xc3\xa9.example\r\n",
        long.as_bytes(),
    ] {
        assert_eq!(get(host), 400, "{}", String::from_utf8_lossy(host));
    }
    assert_eq!(server.raw("GET /livez HTTP/1.0\r\n\r\n").status, 400);
}

#[test]
fn rows_198_and_200_only_names_that_cannot_be_a_strangers_are_answered_to() {
    let server = Server::start(&[("SHIPSTACK_PUBLIC_API_URL", "https://api.example.com")]);
    let get =
        |host: &str| server.raw(&format!("GET /livez HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n\r\n"));
    for own in
        ["localhost", "LOCALHOST.:3002", "127.0.0.1:1", "[::1]", "API.Example.COM.:8080", "api.example.com"]
    {
        assert_eq!(get(own).status, 200, "{own}");
    }
    for foreign in [
        "evil.example",
        "abc.localhost:3002",
        "localhost.evil.example",
        "x.api.example.com",
        "example.com",
        "_x.localhost",
        "xn--80ak6aa92e.com",
    ] {
        let answer = get(foreign);
        assert_eq!((answer.status, answer.code().as_str()), (421, "host_not_allowed"), "{foreign}");
    }
}

#[test]
fn an_absolute_request_line_has_to_agree_with_the_host() {
    let server = Server::start(&[]);
    let get = |target: &str, host: &str| {
        server.raw(&format!("GET {target} HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n\r\n")).status
    };
    assert_eq!(get("http://localhost:3002/livez", "localhost:3002"), 200);
    assert_eq!(get("http://localhost/livez", "LOCALHOST:80"), 200);
    assert_eq!(get("http://evil.example/livez", "localhost"), 400);
    assert_eq!(get("http://localhost:1/livez", "localhost:2"), 400);
    assert_eq!(get("http://evil.example/livez", "evil.example"), 421);
}

#[test]
fn row_201_forwarding_headers_count_only_from_a_listed_proxy() {
    let headers =
        "X-Forwarded-Host: api.example.com\r\nForwarded: host=evil.example\r\nX-Original-URL: /health\r\n";
    let public = ("SHIPSTACK_PUBLIC_API_URL", "https://api.example.com");
    let get = |server: &Server, host: &str, headers: &str| {
        server.raw(&format!("GET /livez HTTP/1.1\r\nHost: {host}\r\n{headers}Connection: close\r\n\r\n"))
    };
    let untrusting = Server::start(&[public]);
    assert_eq!(get(&untrusting, "backend.internal", headers).status, 421);
    assert_eq!(get(&untrusting, "localhost", "X-Forwarded-Host: evil.example\r\n").status, 200);
    let trusting = Server::start(&[public, ("SHIPSTACK_TRUSTED_PROXIES", "127.0.0.0/8")]);
    assert_eq!(get(&trusting, "backend.internal", headers).body, "ok\n");
    assert_eq!(get(&trusting, "localhost", "X-Forwarded-Host: evil.example\r\n").status, 421);
}

#[test]
fn pages_of_strangers_can_neither_change_nor_read_anything() {
    let server = Server::start(&[]);
    let post = |origin: &str| server.send("POST /deploy", &format!("{JSON}{origin}"), "{}");
    for stranger in [
        "Origin: http://evil.example\r\n",
        "Origin: http://abc.localhost:3001\r\n",
        "Origin: null\r\n",
        "Sec-Fetch-Site: cross-site\r\n",
        "Sec-Fetch-Site: same-site\r\n",
    ] {
        let answer = post(stranger);
        assert_eq!((answer.status, answer.code().as_str()), (403, "foreign_origin"), "{stranger}");
        assert!(!answer.head.contains("access-control-allow-origin"), "{}", answer.head);
    }
    let upgrade = "Upgrade: websocket\r\nConnection: Upgrade\r\nOrigin: http://evil.example\r\n";
    assert_eq!(server.send("GET /livez", upgrade, "").status, 403);
    let read = server.send("GET /livez", "Origin: http://evil.example\r\n", "");
    assert!(read.status == 200 && !read.head.contains("access-control-allow-origin"));
}

#[test]
fn a_listed_origin_may_call_and_read_refusals_too() {
    let server = Server::start(&[("SHIPSTACK_TOKEN", "s3cret")]);
    let origin = "Origin: http://localhost:3000\r\n";
    let refused = server.send("POST /deploy", &format!("{JSON}{origin}"), "{}");
    assert_eq!(refused.status, 401);
    assert!(refused.has("access-control-allow-origin: http://localhost:3000"), "{}", refused.head);
    let asked = "Access-Control-Request-Method: POST\r\nAccess-Control-Request-Headers: authorization, content-type\r\n";
    let preflight = server.send("OPTIONS /deploy", &format!("{origin}{asked}"), "");
    assert_eq!(preflight.status, 200, "{preflight:?}");
    assert!(preflight.has("access-control-allow-origin: http://localhost:3000"));
    let stranger = server.send("OPTIONS /deploy", &format!("Origin: http://evil.example\r\n{asked}"), "");
    assert!(!stranger.head.contains("access-control-allow-origin"), "{}", stranger.head);
}

#[test]
fn a_cause_is_never_sent() {
    let server = Server::start(&[]);
    let answer = server.send("GET /broken", "", "");
    assert_eq!((answer.status, answer.code().as_str()), (500, "internal"));
    assert!(!answer.body.contains("secret cause"));
    assert!(answer.has("content-type: application/problem+json"));
    let problem = answer.json();
    assert_eq!(problem["type"], "urn:shipstack:problem:internal");
    let id = problem["requestId"].as_str().unwrap();
    assert!(answer.has(&format!("x-request-id: {id}")));
}

#[test]
fn classic_routes_are_refused_in_the_classic_shape() {
    let server = Server::start(&[]);
    let answer = server.post_json("{");
    let body = answer.json();
    assert_eq!(
        (body["message"].as_str(), body["code"].as_str()),
        (Some("Deployment failed"), Some("invalid_json"))
    );
    assert!(body["error"].as_str().unwrap().contains("not valid JSON") && body["type"].is_null());
}
