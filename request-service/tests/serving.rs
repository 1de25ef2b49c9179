//! What visitors get, over real sockets, from a memory store and from a folder.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, clippy::panic, reason = "tests")]

mod support;

use shipstack_storage::{ObjectKey, PutBody, Store, StoreConfig};
use shipstack_testkit::wait_until;
use shipstack_types::DeploymentState;
use support::{TestHost, bear, id, publish, settle, store_artifacts};

const SITE: &[(&str, &[u8])] = &[
    ("index.html", b"<h1>home</h1>"),
    ("about.html", b"about"),
    ("docs/index.html", b"docs"),
    ("assets/app-BVvXl3tN.js", b"console.log(1)"),
    ("empty.txt", b""),
    ("a b.html", b"space"),
];

#[tokio::test(flavor = "multi_thread")]
async fn a_deployed_site_is_served_on_its_own_host() {
    let host = TestHost::start().await;
    publish(&host.store, &id("abc"), SITE).await;
    for (path, status, body) in [
        ("/", 200, "<h1>home</h1>"),
        ("/about", 200, "about"),
        ("/docs/", 200, "docs"),
        ("/a%20b", 200, "space"),
        ("/assets/app-BVvXl3tN.js", 200, "console.log(1)"),
        ("/empty.txt", 200, ""),
        ("/users/john.doe", 200, "<h1>home</h1>"),
        ("/?x=1", 200, "<h1>home</h1>"),
        ("/about.html", 308, ""),
        ("/docs", 308, ""),
    ] {
        let answer = host.page("abc", path).await;
        assert_eq!((answer.status, answer.text().as_str()), (status, body), "{path}");
    }
    let missing = host.page("abc", "/assets/missing.js").await;
    assert_eq!((missing.status, missing.header("cache-control")), (404, Some("no-store")));
    assert!(!missing.text().contains("home"));
    assert_eq!(host.page("abc", "/docs?a=1").await.header("location"), Some("/docs/?a=1"));
    host.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn head_equals_get_without_the_body_and_what_is_known_is_not_sent_again() {
    let host = TestHost::start().await;
    let large = vec![7_u8; 3 << 20];
    publish(&host.store, &id("abc"), &[("index.html", b"home"), ("film.mp4", &large)]).await;
    for path in ["/", "/film.mp4", "/missing.js"] {
        let get = host.page("abc", path).await;
        let head = host.ask("HEAD", "abc.localhost", path, &[]).await;
        let plain = |headers: &[(String, String)]| {
            let dated = |header: &&(String, String)| header.0 != "date";
            headers.iter().filter(dated).cloned().collect::<std::collections::BTreeMap<_, _>>()
        };
        assert_eq!((head.status, plain(&head.headers)), (get.status, plain(&get.headers)), "{path}");
        assert!(head.body.is_empty());
        assert_eq!(get.header("content-length"), Some(get.body.len().to_string().as_str()));
    }
    let film = host.page("abc", "/film.mp4").await;
    assert_eq!(film.body, large);
    let tag = format!("If-None-Match: \"x\", W/{}", film.header("etag").unwrap());
    let again = host.get("abc.localhost", "/film.mp4", &[&tag]).await;
    assert_eq!((again.status, again.body.len()), (304, 0));
    assert_eq!(again.header("etag"), film.header("etag"));
    assert_eq!(again.header("cache-control"), film.header("cache-control"));
    let since = host.get("abc.localhost", "/", &["If-Modified-Since: Sun, 06 Nov 1994 08:49:37 GMT"]).await;
    assert_eq!(since.status, 304);
    host.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn answers_carry_the_headers_of_an_immutable_deployment() {
    let host = TestHost::start().await;
    publish(&host.store, &id("abc"), SITE).await;
    let page = host.page("abc", "/").await;
    for (name, want) in [
        ("content-type", "text/html; charset=utf-8"),
        ("cache-control", "public, max-age=0, must-revalidate"),
        ("x-content-type-options", "nosniff"),
        ("x-robots-tag", "noindex"),
        ("referrer-policy", "strict-origin-when-cross-origin"),
        ("last-modified", "Sun, 06 Nov 1994 08:49:37 GMT"),
    ] {
        assert_eq!(page.header(name), Some(want), "{name}");
    }
    assert_eq!(page.header("set-cookie"), None);
    let script = host.page("abc", "/assets/app-BVvXl3tN.js").await;
    assert_eq!(script.header("cache-control"), Some("public, max-age=31536000, immutable"));
    assert_eq!(script.header("content-type"), Some("text/javascript; charset=utf-8"));
    host.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn nothing_is_visible_before_the_result_and_only_the_claim_that_it_names() {
    let host = TestHost::start().await;
    let site = id("abc");
    bear(&host.store, &site).await;
    store_artifacts(&host.store, &site, 1, &[("index.html", b"lost claim"), ("old.html", b"old")]).await;
    let won = store_artifacts(&host.store, &site, 2, &[("index.html", b"claim two")]).await;
    let building = host.page("abc", "/").await;
    assert_eq!((building.status, building.header("retry-after")), (503, Some("2")));
    assert_eq!(building.header("cache-control"), Some("no-store"));
    assert!(building.text().contains("not finished yet"));
    settle(&host.store, &site, DeploymentState::Deployed, Some((2, &won))).await;
    wait_until("the end is seen", || async { host.page("abc", "/").await.status == 200 }).await;
    assert_eq!(host.page("abc", "/").await.text(), "claim two");
    assert_ne!(host.page("abc", "/old").await.text(), "old");
    host.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_no_site_says_so_and_is_never_kept() {
    let host = TestHost::start().await;
    for (name, state) in [("failed", DeploymentState::Failed), ("cancelled", DeploymentState::Cancelled)] {
        bear(&host.store, &id(name)).await;
        settle(&host.store, &id(name), state, None).await;
        let answer = host.page(name, "/").await;
        assert_eq!((answer.status, answer.header("cache-control")), (404, Some("no-store")), "{name}");
        assert!(answer.text().contains(name), "{}", answer.text());
    }
    publish(&host.store, &id("deleted"), SITE).await;
    let mark = ObjectKey::Deleted(id("deleted"));
    host.store.put(&mark, PutBody::Bytes("{}".into()), None).await.unwrap();
    for name in ["deleted", "nobody", "a.abc", "_x", "xn--abc"] {
        let answer = host.page(name, "/").await;
        assert_eq!(answer.status, 404, "{name}");
        assert!(answer.text().contains("No such site"), "{name}");
    }
    assert_eq!(host.get("example.org", "/", &[]).await.status, 404);
    host.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_site_that_is_deleted_while_it_is_visited_is_gone_within_seconds() {
    let host = TestHost::start().await;
    publish(&host.store, &id("abc"), SITE).await;
    assert_eq!(host.page("abc", "/").await.status, 200);
    let mark = ObjectKey::Deleted(id("abc"));
    host.store.put(&mark, PutBody::Bytes("{}".into()), None).await.unwrap();
    wait_until("it is gone", async || host.page("abc", "/").await.status == 404).await;
    host.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_id_in_the_query_counts_only_where_the_host_names_no_site() {
    let host = TestHost::start().await;
    publish(&host.store, &id("abc"), SITE).await;
    publish(&host.store, &id("other"), &[("index.html", b"other")]).await;
    publish(&host.store, &id("aB_c"), &[("index.html", b"no label")]).await;
    assert_eq!(host.page("abc", "/?id=other").await.text(), "<h1>home</h1>");
    for bare in ["localhost:3001", "www.localhost:3001"] {
        let answer = host.get(bare, "/docs/?id=abc&x=1", &[]).await;
        assert_eq!(answer.status, 302);
        assert_eq!(answer.header("location"), Some("http://abc.localhost:3001/docs/?x=1"), "{bare}");
    }
    assert_eq!(host.get("localhost", "/?id=aB_c", &[]).await.text(), "no label");
    assert_eq!(host.get("127.0.0.1:3001", "/about?id=abc", &[]).await.text(), "about");
    assert_eq!(host.get("[::1]:3001", "/?id=abc", &[]).await.text(), "<h1>home</h1>");
    for bare in ["localhost", "127.0.0.1"] {
        let answer = host.get(bare, "/", &[]).await;
        let want = "Unable to determine site id. Use a deployment subdomain or pass ?id=<deployment-id>.";
        assert_eq!((answer.status, answer.text().as_str()), (400, want));
    }
    assert_eq!(host.get("localhost", "/?id=../x", &[]).await.status, 404);
    host.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_operator_chooses_domain_address_and_routing() {
    let store = Store::connect(&StoreConfig::Memory).await.unwrap();
    publish(&store, &id("abc"), SITE).await;
    let classic = TestHost::with(store.clone(), &[("SHIPSTACK_QUERY_ROUTING", "serve")]);
    assert_eq!(classic.get("localhost", "/about?id=abc", &[]).await.text(), "about");
    classic.stop().await;
    let settings =
        [("SHIPSTACK_DOMAIN", "Sites.Example.org"), ("SHIPSTACK_PUBLIC_SERVE_URL", "https://{host}")];
    let public = TestHost::with(store, &settings);
    assert_eq!(public.get("ABC.sites.EXAMPLE.org.:8080", "/about", &[]).await.text(), "about");
    let answer = public.get("www.sites.example.org", "/?id=abc", &[]).await;
    assert_eq!(answer.header("location"), Some("https://abc.sites.example.org/"));
    assert_eq!(public.get("abc.localhost", "/", &[]).await.status, 404);
    public.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_bucket_of_the_node_system_is_served_only_while_there_is_no_record_of_ours() {
    let host = TestHost::start().await;
    let put = |name: &'static str, path: &'static str, text: &'static str| {
        let key = ObjectKey::LegacyArtifact { id: id(name), path: path.parse().unwrap() };
        let store = host.store.clone();
        async move { store.put(&key, PutBody::Bytes(text.into()), Some("text/html; x=\"evil\"")).await.unwrap() }
    };
    put("abc", "index.html", "legacy").await;
    put("abc", "assets/app.js", "script").await;
    put("abcd", "secret.html", "another site's").await;
    put("mixed", "index.html", "built, not published").await;
    bear(&host.store, &id("mixed")).await;
    assert_eq!(host.page("abc", "/").await.text(), "legacy");
    assert_eq!(host.page("abc", "/deep/link").await.text(), "legacy");
    let script = host.page("abc", "/assets/app.js").await;
    assert_eq!(
        script.header("content-type"),
        Some("text/javascript; charset=utf-8"),
        "never what the store says"
    );
    assert_eq!((script.text().as_str(), script.header("etag")), ("script", None));
    assert_ne!(host.page("abc", "/secret").await.text(), "another site's");
    assert_eq!(host.page("mixed", "/").await.status, 503);
    host.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_folder_is_served_as_well() {
    let folder = tempfile::tempdir().unwrap();
    let store = Store::connect(&StoreConfig::Folder { path: folder.path().to_owned() }).await.unwrap();
    let host = TestHost::with(store, &[]);
    let large: Vec<u8> = (0..600_000_u32).flat_map(u32::to_le_bytes).collect();
    publish(&host.store, &id("abc"), &[("index.html", b"home"), ("large.bin", &large)]).await;
    assert_eq!(host.page("abc", "/").await.text(), "home");
    assert_eq!(host.page("abc", "/large.bin").await.body, large);
    host.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_object_that_is_not_what_was_published_is_never_sent() {
    let host = TestHost::start().await;
    let large = vec![1_u8; 2 << 20];
    publish(
        &host.store,
        &id("abc"),
        &[("index.html", b"home"), ("gone.html", b"gone"), ("large.bin", &large)],
    )
    .await;
    let claim = shipstack_types::ClaimNumber::FIRST;
    let key = |path: &str| ObjectKey::Artifact { id: id("abc"), claim, path: path.parse().unwrap() };
    host.store.put(&key("index.html"), PutBody::Bytes("evil".into()), None).await.unwrap();
    host.store.put(&key("large.bin"), PutBody::Bytes("short".into()), None).await.unwrap();
    host.store.delete(&key("gone.html")).await.unwrap();
    for path in ["/", "/gone", "/large.bin"] {
        let answer = host.page("abc", path).await;
        assert_eq!((answer.status, answer.header("retry-after")), (502, Some("5")), "{path}");
        assert_eq!(answer.header("cache-control"), Some("no-store"));
    }
    host.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn health_is_answered_on_an_address_of_its_own() {
    let host = TestHost::start().await;
    publish(&host.store, &id("abc"), SITE).await;
    let ask = |path: &'static str| async move {
        let request = format!("GET {path} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n");
        support::parse(&support::raw(host.health, request.as_bytes()).await).status
    };
    for (path, status) in [
        ("/livez", 200),
        ("/readyz", 200),
        ("/metrics", 200),
        ("/tls-ask?domain=abc.localhost", 200),
        ("/tls-ask?domain=localhost", 200),
        ("/tls-ask?domain=nobody.localhost", 404),
        ("/tls-ask?domain=example.org", 404),
        ("/tls-ask?domain=127.0.0.1", 404),
        ("/tls-ask?domain=a%20b", 400),
        ("/tls-ask", 400),
    ] {
        assert_eq!(ask(path).await, status, "{path}");
    }
    assert_eq!(host.page("abc", "/livez").await.text(), "<h1>home</h1>", "a site's host has no path of ours");
    host.stop().await;
}

/// Row 189 of the hostile catalogue: a file that looks like another one compressed is a file, and bytes that may be a bomb are
/// never handed to a browser as an encoding of something else.
#[tokio::test(flavor = "multi_thread")]
async fn what_looks_like_a_compressed_variant_is_a_file_of_its_own() {
    let host = TestHost::start().await;
    let site: &[(&str, &[u8])] = &[
        ("index.html", b"home"),
        ("app.js", b"plain"),
        ("app.js.br", b"not brotli"),
        ("app.js.gz", &[0x1f, 0x8b, 8, 0]),
        ("alone.js.br", b"alone"),
    ];
    publish(&host.store, &id("abc"), site).await;
    for (name, bytes) in site {
        let path = name.strip_suffix("index.html").unwrap_or(name);
        let answer = host.get("abc.localhost", &format!("/{path}"), &["Accept-Encoding: br, gzip"]).await;
        assert_eq!((answer.status, answer.body.as_slice()), (200, *bytes), "{name}");
        assert_eq!(answer.header("content-encoding"), None, "{name}");
        let is_script = answer.header("content-type").unwrap().starts_with("text/javascript");
        assert_eq!(is_script, *name == "app.js", "{name}");
    }
    let missing = host.get("abc.localhost", "/alone.js", &["Accept-Encoding: br"]).await;
    assert_eq!(missing.status, 404, "{}", missing.text());
    host.stop().await;
}
