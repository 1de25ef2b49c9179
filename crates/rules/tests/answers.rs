//! Whole answers: request and site in, status, file and headers out.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, clippy::panic, reason = "tests")]

use proptest::prelude::*;
use shipstack_rules::{
    Answer, Conditions, FileStatus, Files, Indexing, Intent, Listing, Request, Site, answer, content_type,
};
use shipstack_types::{Manifest, ManifestEntry, Sha256Digest, SiteRules, SpaMode, Timestamp};

fn manifest(names: &[&str], spa: SpaMode) -> Manifest {
    let entry = |name: &&str| ManifestEntry {
        path: name.parse().unwrap(),
        bytes: name.len() as u64,
        sha256: Sha256Digest::of(name.as_bytes()),
        content_type: content_type(name).into_owned(),
    };
    Manifest::new(names.iter().map(entry).collect(), SiteRules { spa, ..SiteRules::default() })
}

fn get(path: &str) -> Request<'_> {
    Request { method: "GET", path, query: None, intent: Intent::default(), conditions: Conditions::default() }
}

fn ask<'a>(manifest: &'a Manifest, request: &Request<'_>) -> Answer<'a> {
    let modified = Some(Timestamp::from_millis(784_111_777_000));
    answer(request, &Site { files: manifest, rules: &manifest.rules, modified, indexing: Indexing::Refused })
}

/// `status name`, or the kind of answer.
fn short(answer: &Answer<'_>) -> String {
    match answer {
        Answer::File { file, status, .. } => format!("{} {}", status.code(), file.path),
        Answer::Redirect { location } => format!("308 {location}"),
        other => format!("{other:?}").split([' ', '{']).next().unwrap().to_owned(),
    }
}

#[test]
fn methods_that_change_things_are_not_there() {
    let site = manifest(&["index.html"], SpaMode::Auto);
    for (method, want) in [
        ("GET", "200 index.html"),
        ("HEAD", "200 index.html"),
        ("OPTIONS", "Options"),
        ("POST", "MethodNotAllowed"),
        ("get", "MethodNotAllowed"),
        ("TRACE", "MethodNotAllowed"),
        ("CONNECT", "MethodNotAllowed"),
        ("PROPFIND", "MethodNotAllowed"),
    ] {
        assert_eq!(short(&ask(&site, &Request { method, ..get("/") })), want, "{method}");
    }
}

#[test]
fn a_deep_link_falls_back_and_a_missing_asset_is_honest() {
    let site = manifest(&["index.html", "assets/app-BVvXl3tN.js"], SpaMode::Auto);
    for (path, accept, mode, want) in [
        ("/users/john.doe", Some("text/html"), None, "200 index.html"),
        ("/users/1", Some("*/*"), Some("navigate"), "200 index.html"),
        ("/users/1", None, None, "200 index.html"),
        ("/users/1", Some("application/json"), Some("cors"), "NotFound"),
        ("/assets/missing.js", Some("*/*"), None, "NotFound"),
        ("/assets/missing.js", Some("text/html"), Some("navigate"), "NotFound"),
        ("/api/me/x.css", Some("text/html"), None, "NotFound"),
        ("/index.html/x.js", Some("text/html"), None, "NotFound"),
        ("/%2Findex.html", Some("text/html"), None, "NotFound"),
        ("/.env", Some("text/html"), None, "NotFound"),
        ("/.git/config", Some("text/html"), None, "NotFound"),
    ] {
        let intent = Intent { accept, sec_fetch_mode: mode };
        assert_eq!(short(&ask(&site, &Request { intent, ..get(path) })), want, "{path} {accept:?} {mode:?}");
    }
}

#[test]
fn a_sites_own_404_page_stands_before_the_fallback_unless_spa_is_on() {
    let names = ["index.html", "404.html", "docs/404.html"];
    for (spa, path, want) in [
        (SpaMode::Auto, "/x", "404 404.html"),
        (SpaMode::Auto, "/docs/x/y", "404 docs/404.html"),
        (SpaMode::Auto, "/docs/x/", "404 docs/404.html"),
        (SpaMode::Auto, "/.env", "404 404.html"),
        (SpaMode::On, "/x", "200 index.html"),
        (SpaMode::On, "/x.js", "404 404.html"),
        (SpaMode::Off, "/x", "404 404.html"),
    ] {
        assert_eq!(short(&ask(&manifest(&names, spa), &get(path))), want, "{spa:?} {path}");
    }
    assert_eq!(short(&ask(&manifest(&["index.html"], SpaMode::Off), &get("/x"))), "NotFound");
    assert_eq!(
        short(&ask(&manifest(&["index.html", "200.html"], SpaMode::Auto), &get("/x"))),
        "200 200.html"
    );
    assert_eq!(short(&ask(&manifest(&["app.js"], SpaMode::Auto), &get("/"))), "NotFound");
}

#[test]
fn a_query_survives_a_redirect_and_cannot_break_a_header() {
    let site = manifest(&["about.html"], SpaMode::Auto);
    for (query, want) in [
        (Some("a=1&b=%20"), "308 /about?a=1&b=%20"),
        (Some(""), "308 /about"),
        (None, "308 /about"),
        (Some("x=\r\nSet-Cookie: a\u{e9}"), "308 /about?x=%0D%0ASet-Cookie:%20a%C3%A9"),
    ] {
        assert_eq!(short(&ask(&site, &Request { query, ..get("/about.html") })), want);
    }
}

#[test]
fn headers_say_what_serving_md_says() {
    let site = manifest(&["index.html", "404.html", "assets/app-BVvXl3tN.js", "logo.png"], SpaMode::On);
    let headers_of = |path| match ask(&site, &get(path)) {
        Answer::File { headers, .. } => headers,
        other => panic!("{other:?}"),
    };
    for (path, name, want) in [
        ("/", "cache-control", Some("public, max-age=0, must-revalidate")),
        ("/", "content-type", Some("text/html; charset=utf-8")),
        ("/", "x-content-type-options", Some("nosniff")),
        ("/", "x-robots-tag", Some("noindex")),
        ("/", "referrer-policy", Some("strict-origin-when-cross-origin")),
        ("/", "last-modified", Some("Sun, 06 Nov 1994 08:49:37 GMT")),
        ("/", "vary", None),
        ("/deep", "vary", Some("Accept, Sec-Fetch-Mode")),
        ("/deep", "cache-control", Some("public, max-age=0, must-revalidate")),
        ("/assets/app-BVvXl3tN.js", "cache-control", Some("public, max-age=31536000, immutable")),
        ("/logo.png", "cache-control", Some("public, max-age=0, must-revalidate")),
        ("/x.js", "cache-control", Some("no-store")),
        ("/x.js", "etag", None),
    ] {
        assert_eq!(headers_of(path).get(name), want, "{path} {name}");
    }
    let digest = Sha256Digest::of(b"index.html");
    assert_eq!(headers_of("/").get("etag"), Some(format!("\"{digest}\"").as_str()));
}

#[test]
fn what_the_visitor_has_already_is_not_sent_again() {
    let site = manifest(&["index.html", "404.html"], SpaMode::Auto);
    let tag = format!("W/\"{}\"", Sha256Digest::of(b"index.html"));
    let with = |conditions| Request { conditions, ..get("/") };
    let same = Conditions { if_none_match: Some(&tag), ..Conditions::default() };
    let Answer::NotModified { headers } = ask(&site, &with(same)) else { panic!("304") };
    assert_eq!(
        headers.iter().map(|(name, _)| name).collect::<Vec<_>>(),
        ["cache-control", "etag", "last-modified"]
    );
    let other = Conditions {
        if_none_match: Some("\"x\""),
        if_modified_since: Some("Sun, 06 Nov 1994 08:49:37 GMT"),
        ..same
    };
    assert_eq!(short(&ask(&site, &with(other))), "200 index.html");
    let failing = Conditions { if_match: Some("\"x\""), ..Conditions::default() };
    assert_eq!(short(&ask(&site, &with(failing))), "PreconditionFailed");
    let star = Conditions { if_none_match: Some("*"), ..Conditions::default() };
    assert_eq!(short(&ask(&site, &Request { conditions: star, ..get("/missing.js") })), "404 404.html");
}

#[test]
fn a_bucket_of_the_node_system_is_served_by_the_same_rules() {
    let files = Listing::new([("index.html".parse().unwrap(), 3), ("about.html".parse().unwrap(), 4)]);
    let site =
        Site { files: &files, rules: &SiteRules::default(), modified: None, indexing: Indexing::Refused };
    let Answer::File { file, headers, .. } = answer(&get("/about"), &site) else { panic!("a file") };
    assert_eq!((file.path.as_str(), file.bytes, headers.get("etag")), ("about.html", 4, None));
    assert_eq!(short(&answer(&get("/deep/link"), &site)), "200 index.html");
    assert!(files.file("about").is_none());
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2000))]

    #[test]
    fn every_request_has_an_answer_that_names_nothing_outside_the_site(
        path in "/[ -~é%]{0,40}",
        query in proptest::option::of("[ -~\\r\\né]{0,20}"),
        header in "[ -~]{0,40}",
    ) {
        let site = manifest(&["index.html", "a.html", "a/index.html", "b/c.js", "404.html"], SpaMode::On);
        let conditions = Conditions { if_match: None, if_none_match: Some(&header), if_modified_since: Some(&header) };
        let intent = Intent { accept: Some(&header), sec_fetch_mode: None };
        let request = Request { method: "GET", path: &path, query: query.as_deref(), intent, conditions };
        match ask(&site, &request) {
            Answer::Redirect { location } => {
                prop_assert!(location.starts_with('/') && !location.starts_with("//"));
                prop_assert!(location.bytes().all(|b| (0x21..0x7f).contains(&b)), "{}", location);
            }
            Answer::File { status, file, .. } => {
                prop_assert!(site.find(file.path.as_str()).is_some());
                prop_assert_eq!(status == FileStatus::NotFound, status.code() == 404);
            }
            _ => {}
        }
    }
}
