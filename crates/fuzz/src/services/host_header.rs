//! The headers that say whose site is meant: `Host`, `X-Forwarded-Host`, `Accept`, and the path and query beside them.

use crate::input::Input;
use actix_web::http::header::{ACCEPT, HOST, HeaderName, HeaderValue};
use actix_web::test::TestRequest;
use shipstack_http::{Authority, BadHost, Host, preferred, request_authority};
use shipstack_rules::{Host as Site, QueryRouting, Route, route};
use shipstack_settings::Network;

const DOMAIN: &str = "sites.example";

/// Lines: `Host`, `X-Forwarded-Host`, `Accept`, the path, the query.
pub(crate) fn check(data: &[u8]) {
    let mut input = Input::new(data);
    let (host, forwarded, accept) = (input.line(), input.line(), input.line());
    if let Ok(text) = std::str::from_utf8(host) {
        of_text(text);
        let (path, query) = (input.text(), input.text());
        goes_to_whom_the_host_names(text, &format!("/{path}"), &query);
    }
    of_request(host, forwarded);
    let mut request = TestRequest::default();
    if let Ok(value) = HeaderValue::from_bytes(accept) {
        request = request.insert_header((ACCEPT, value));
    }
    let forms = ["text/plain", "application/json"];
    let form = preferred(request.to_http_request().headers(), &forms).unwrap();
    assert!(forms.contains(&form));
}

fn of_text(text: &str) {
    if let Ok(network) = text.parse::<Network>() {
        assert_eq!(network.to_string().parse::<Network>().ok(), Some(network), "{text:?}");
    }
    let Ok(authority) = text.parse::<Authority>() else { return };
    assert_eq!(authority.to_string().parse::<Authority>(), Ok(authority.clone()), "{text:?}");
    assert!(text.bytes().all(|byte| byte.is_ascii_graphic()), "{text:?}");
    // A browser that is sent to the same text goes to the same host, or nowhere.
    let Ok(url) = url::Url::parse(&format!("http://{text}/")) else { return };
    match (&authority.host, url.host().unwrap()) {
        (Host::Name(name), url::Host::Domain(domain)) => {
            assert_eq!(name, domain.strip_suffix('.').unwrap_or(domain));
        }
        (Host::Ip(address), url::Host::Ipv4(other)) => assert_eq!(*address, other),
        (Host::Ip(address), url::Host::Ipv6(other)) => assert_eq!(*address, other),
        (ours, theirs) => panic!("{text:?} is {ours:?} here and {theirs:?} in a browser"),
    }
    assert_eq!(authority.port_or(80), url.port_or_known_default().unwrap());
}

fn of_request(host: &[u8], forwarded: &[u8]) {
    let (Ok(host), Ok(forwarded)) = (HeaderValue::from_bytes(host), HeaderValue::from_bytes(forwarded))
    else {
        return;
    };
    let peer = "192.0.2.1:1234".parse().unwrap();
    let plain = || TestRequest::default().peer_addr(peer).insert_header((HOST, host.clone()));
    let name = HeaderName::from_static("x-forwarded-host");
    let proxied = || plain().insert_header((name.clone(), forwarded.clone()));
    let own = request_authority(&plain().to_http_request(), &[]);
    assert_eq!(request_authority(&proxied().to_http_request(), &[]), own, "a stranger forwards nothing");
    let trusted: Network = "192.0.2.0/24".parse().unwrap();
    let theirs = request_authority(&proxied().to_http_request(), &[trusted]);
    assert!(own.is_ok() || theirs == own, "a request without a host of its own is none");
    let twice = plain().append_header((HOST, host.clone())).to_http_request();
    assert_eq!(request_authority(&twice, &[trusted]), Err(BadHost::Count));
}

fn goes_to_whom_the_host_names(text: &str, path: &str, query: &str) {
    let site = match text.parse::<Authority>() {
        Ok(Authority { host: Host::Name(name), .. }) => Site::of_name(&name, DOMAIN),
        Ok(Authority { host: Host::Ip(address), .. }) => Site::Address(address),
        Err(_) => Site::Bare,
    };
    for routing in [QueryRouting::Redirect, QueryRouting::Serve] {
        let goes = route(&site, path, Some(query), routing);
        if let Site::Deployment(id) = &site {
            let name = format!("{id}.{DOMAIN}");
            let without_port = text.split(':').next().unwrap_or_default().to_ascii_lowercase();
            assert_eq!(without_port.strip_suffix('.').unwrap_or(&without_port), name);
            assert!(id.is_dns_label(), "{id}");
            assert_eq!(goes, Route::Serve(id.clone()), "the host wins");
        }
        if let Route::ToOwnHost { id, path_and_query } = goes {
            assert!(id.is_dns_label(), "{id}");
            assert!(path_and_query.starts_with('/'), "{path_and_query:?}");
            assert!(path_and_query.bytes().all(|byte| byte.is_ascii_graphic()), "{path_and_query:?}");
        }
    }
}
