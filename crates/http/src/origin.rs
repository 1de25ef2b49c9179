//! Which web pages may change something.
//!
//! A browser sends a page's request to us whatever we think of the page; what tells is `Origin`, or `Sec-Fetch-Site` where
//! there is no origin. Programs that are no browsers send neither and are held back by the token alone.

use actix_web::HttpRequest;
use actix_web::http::{Method, header};

use crate::Authority;

/// Whether the origin rule concerns this request: it may change something, or opens a WebSocket (which CORS ignores).
pub(crate) fn concerns(request: &HttpRequest) -> bool {
    let reads = matches!(*request.method(), Method::GET | Method::HEAD | Method::OPTIONS);
    !reads || request.headers().contains_key(header::UPGRADE)
}

/// Whether the request comes from a page of ours, of a listed origin, or from no page.
pub(crate) fn is_welcome(request: &HttpRequest, own: &Authority, listed: &[String]) -> bool {
    let mut origins = request.headers().get_all(header::ORIGIN);
    match (origins.next(), origins.next()) {
        (None, _) => no_page_or_ours(request),
        (Some(origin), None) => {
            let origin = origin.to_str().unwrap_or_default();
            listed.iter().any(|listed| listed == origin) || is_own(origin, own)
        }
        _ => false,
    }
}

/// Whether a person goes to a page: following a link from anywhere is no attack, and the answer is shown and not read.
pub(crate) fn is_navigation(request: &HttpRequest) -> bool {
    let mode = request.headers().get("sec-fetch-mode");
    !concerns(request) && mode.is_some_and(|mode| mode == "navigate")
}

fn no_page_or_ours(request: &HttpRequest) -> bool {
    let site = request.headers().get("sec-fetch-site");
    site.is_none_or(|site| matches!(site.as_bytes(), b"same-origin" | b"none"))
}

/// Whether the origin is the host that the request is for, over either scheme (TLS may end before us).
fn is_own(origin: &str, own: &Authority) -> bool {
    let (rest, scheme_port) = match origin.split_once("://") {
        Some(("http", rest)) => (rest, 80),
        Some(("https", rest)) => (rest, 443),
        _ => return false,
    };
    let page = rest.parse::<Authority>();
    page.is_ok_and(|page| page.host == own.host && page.port_or(scheme_port) == own.port_or(scheme_port))
}

#[cfg(test)]
mod tests {
    use actix_web::test::TestRequest;

    use super::*;

    fn welcome(headers: &[(&str, &str)]) -> bool {
        let mut request = TestRequest::post();
        for header in headers {
            request = request.append_header(*header);
        }
        let own = "localhost:3002".parse().unwrap();
        is_welcome(&request.to_http_request(), &own, &["http://localhost:3000".to_owned()])
    }

    #[test]
    fn pages_of_ours_and_listed_ones_are_welcome() {
        assert!(welcome(&[]));
        assert!(welcome(&[("origin", "http://localhost:3002")]));
        assert!(welcome(&[("origin", "http://localhost:3000")]));
        assert!(welcome(&[("sec-fetch-site", "same-origin")]) && welcome(&[("sec-fetch-site", "none")]));
    }

    #[test]
    fn all_other_pages_are_not() {
        for origin in [
            "null",
            "",
            "http://evil.example",
            "http://abc.localhost:3001",
            "http://localhost:3001",
            "http://localhost:3000.evil.example",
            "http://localhost:3002/",
            "file://",
            "http://user@localhost:3002",
        ] {
            assert!(!welcome(&[("origin", origin)]), "{origin}");
        }
        assert!(!welcome(&[("origin", "http://localhost:3000"), ("origin", "http://evil.example")]));
        assert!(
            !welcome(&[("sec-fetch-site", "cross-site")]) && !welcome(&[("sec-fetch-site", "same-site")])
        );
    }
}
