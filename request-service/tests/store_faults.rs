//! A real S3 store that fails: what visitors see then, and what they never see.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, clippy::panic, reason = "tests")]

mod support;

mod real_s3 {
    use crate::support::{TestHost, bear, id, parse, publish, raw};
    use shipstack_storage::{S3Config, S3Key, Store, StoreConfig};
    use shipstack_testkit::{Bucket, HttpFault, HttpFaultProxy, SeaweedFs, wait_until};

    /// A service whose store is behind a proxy that can spoil its calls; sites are written past the proxy.
    struct Faulty {
        host: TestHost,
        proxy: HttpFaultProxy,
        direct: Store,
        _bucket: Bucket,
    }

    async fn store_at(endpoint: &str, bucket: &Bucket) -> Store {
        let key = S3Key { id: SeaweedFs::KEY.into(), secret: SeaweedFs::SECRET.to_owned().into() };
        let config = S3Config {
            bucket: bucket.name().into(),
            region: Some(SeaweedFs::REGION.into()),
            endpoint: Some(endpoint.into()),
            key: Some(key),
        };
        Store::connect(&StoreConfig::S3(config)).await.unwrap()
    }

    async fn faulty() -> Option<Faulty> {
        let bucket = SeaweedFs::bucket()?;
        let proxy = HttpFaultProxy::start(bucket.address().unwrap()).unwrap();
        let direct = store_at(bucket.endpoint(), &bucket).await;
        let host = TestHost::with(store_at(&proxy.url(), &bucket).await, &[]);
        Some(Faulty { host, proxy, direct, _bucket: bucket })
    }

    fn large() -> Vec<u8> {
        (0..1_000_000_u32).flat_map(u32::to_le_bytes).collect()
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn a_site_in_a_bucket_is_served_byte_for_byte() {
        let Some(faulty) = faulty().await else { return };
        let Faulty { host, direct, .. } = &faulty;
        let film = large();
        publish(
            direct,
            &id("abc"),
            &[("index.html", b"home"), ("a b/\u{e9}.html", b"names"), ("film.bin", &film)],
        )
        .await;
        assert_eq!(host.page("abc", "/").await.text(), "home");
        assert_eq!(host.page("abc", "/a%20b/%C3%A9").await.text(), "names");
        assert_eq!(host.page("abc", "/film.bin").await.body, film);
        faulty.host.stop().await;
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn however_many_ask_at_once_the_store_is_asked_once() {
        let Some(faulty) = faulty().await else { return };
        let Faulty { host, proxy, direct, .. } = &faulty;
        publish(direct, &id("abc"), &[("index.html", b"home")]).await;
        let pages = (0..40).map(|_| host.page("abc", "/"));
        for page in futures_util::future::join_all(pages).await {
            assert_eq!(page.text(), "home");
        }
        let calls = proxy.calls();
        for object in ["result.json", "manifest.json", "dist/index.html"] {
            let count = calls.iter().filter(|call| call.starts_with("GET") && call.contains(object)).count();
            assert_eq!(count, 1, "{object}: {calls:?}");
        }
        faulty.host.stop().await;
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn a_store_that_is_away_is_a_503_that_nobody_remembers() {
        let Some(faulty) = faulty().await else { return };
        let Faulty { host, proxy, direct, .. } = &faulty;
        publish(direct, &id("abc"), &[("index.html", b"home"), ("404.html", b"own 404")]).await;
        for fault in [HttpFault::Status(500), HttpFault::Status(503), HttpFault::Close] {
            proxy.spoil_all(fault);
            let answer = host.page("abc", "/missing.js").await;
            assert_eq!((answer.status, answer.header("retry-after")), (503, Some("5")), "{fault:?}");
            assert_eq!(answer.header("cache-control"), Some("no-store"));
            assert!(!answer.text().contains("own 404"));
        }
        proxy.heal();
        assert_eq!(host.page("abc", "/").await.text(), "home", "at once, for errors are not kept");
        faulty.host.stop().await;
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn a_known_site_survives_the_absence_of_its_store() {
        let Some(faulty) = faulty().await else { return };
        let Faulty { host, proxy, direct, .. } = &faulty;
        publish(direct, &id("abc"), &[("index.html", b"home"), ("unseen.html", b"unseen")]).await;
        assert_eq!(host.page("abc", "/").await.text(), "home");
        proxy.spoil_all(HttpFault::Status(503));
        assert_eq!(host.page("abc", "/").await.text(), "home");
        assert_eq!(
            host.page("abc", "/no/such/page").await.text(),
            "home",
            "the fallback needs no store either"
        );
        let unseen = host.page("abc", "/unseen").await;
        assert_eq!(
            (unseen.status, unseen.header("retry-after")),
            (503, Some("5")),
            "never the fallback page"
        );
        proxy.heal();
        assert_eq!(host.page("abc", "/unseen").await.text(), "unseen");
        faulty.host.stop().await;
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn a_store_that_breaks_off_breaks_the_connection_and_never_ends_it_as_if_complete() {
        let Some(faulty) = faulty().await else { return };
        let Faulty { host, proxy, direct, .. } = &faulty;
        let film = large();
        publish(direct, &id("abc"), &[("index.html", b"home"), ("film.bin", &film)]).await;
        assert_eq!(host.page("abc", "/").await.status, 200);
        proxy.spoil_all(HttpFault::CutAfter(1_500_000));
        let request = "GET /film.bin HTTP/1.1\r\nHost: abc.localhost\r\n\r\n";
        // Without `Connection: close`: the end of the stream is our breaking it off.
        let answer = parse(&raw(host.addr, request.as_bytes()).await);
        assert_eq!(answer.status, 200);
        assert_eq!(answer.header("content-length"), Some(film.len().to_string().as_str()));
        assert!(answer.body.len() < film.len(), "{} bytes", answer.body.len());
        proxy.heal();
        assert_eq!(host.page("abc", "/film.bin").await.body, film);
        faulty.host.stop().await;
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn a_missing_site_is_asked_for_once_in_a_while_and_then_found() {
        let Some(faulty) = faulty().await else { return };
        let Faulty { host, proxy, direct, .. } = &faulty;
        for _ in 0..20 {
            assert_eq!(host.page("abc", "/").await.status, 404);
        }
        let asked = proxy.calls().len();
        assert!(asked <= 8, "{:?}", proxy.calls());
        bear(direct, &id("abc")).await;
        wait_until("the new deployment is seen", || async { host.page("abc", "/").await.status == 503 })
            .await;
        faulty.host.stop().await;
    }
}
