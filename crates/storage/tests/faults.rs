//! A real S3 server behind a proxy that spoils chosen calls, and a folder that is not as it should be.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, clippy::panic, reason = "tests")]

#[allow(dead_code, reason = "shared with the contract list, which uses the rest")]
mod backend;

use std::time::{Duration, Instant};

use bytes::Bytes;
use futures_util::TryStreamExt;
use shipstack_storage::{KeyPrefix, ObjectKey, Patience, PutBody, Store, StoreConfig, StoreError};
use shipstack_types::{ClaimNumber, DeploymentId};

/// Short, so that a test of giving up is short.
const PATIENCE: Patience =
    Patience { attempt: Duration::from_millis(700), retry_for: Duration::from_millis(1500) };

fn id() -> DeploymentId {
    "abc".parse().unwrap()
}

fn key(path: &str) -> ObjectKey {
    ObjectKey::Artifact { id: id(), claim: ClaimNumber::FIRST, path: path.parse().unwrap() }
}

fn body(text: &str) -> PutBody {
    PutBody::from(text.as_bytes().to_vec())
}

mod real_s3 {
    use super::*;
    use shipstack_storage::{S3Config, S3Key};
    use shipstack_testkit::{Bucket, HttpFault, HttpFaultProxy, SeaweedFs};

    struct Spoilt {
        bucket: Bucket,
        proxy: HttpFaultProxy,
        store: Store,
    }

    impl Spoilt {
        async fn start() -> Option<Self> {
            let bucket = SeaweedFs::bucket()?;
            let proxy = HttpFaultProxy::start(bucket.address().unwrap()).unwrap();
            let config = S3Config { endpoint: Some(proxy.url()), ..backend::config_of(&bucket) };
            let store = connect(config).await;
            Some(Self { bucket, proxy, store })
        }
    }

    async fn connect(config: S3Config) -> Store {
        Store::connect(&StoreConfig::S3(config)).await.unwrap().with_patience(PATIENCE)
    }

    /// Everything the store can do, once.
    async fn use_everything(store: &Store) -> Result<(), StoreError> {
        store.put(&key("a/b.html"), body("hello"), Some("text/html")).await?;
        assert_eq!(store.exists(&key("a/b.html")).await?, Some(5));
        assert_eq!(store.read(&key("a/b.html"), 10).await?.unwrap(), "hello");
        assert_eq!(store.list(&KeyPrefix::Deployment(id()), None).await?.entries.len(), 1);
        assert_eq!(store.list_deployments(None).await?.ids, [id()]);
        store.delete(&key("a/b.html")).await?;
        assert_eq!(store.exists(&key("a/b.html")).await?, None);
        Ok(())
    }

    #[tokio::test]
    async fn whichever_single_call_goes_wrong_everything_ends_well() {
        let Some(spoilt) = Spoilt::start().await else { return };
        use_everything(&spoilt.store).await.unwrap();
        let calls = spoilt.proxy.calls().len();
        let faults = [
            HttpFault::Status(500),
            HttpFault::Status(503),
            HttpFault::Status(429),
            HttpFault::Status(404),
            HttpFault::LoseReply,
            HttpFault::Close,
            HttpFault::Stall,
            HttpFault::CutAfter(20),
        ];
        for fault in faults {
            for call in 0..calls {
                spoilt.proxy.spoil(call, 1, fault);
                let done = use_everything(&spoilt.store).await;
                done.unwrap_or_else(|error| panic!("{fault:?} at call {call}: {error:?}"));
            }
        }
    }

    #[tokio::test]
    async fn a_store_that_stays_away_is_reported_within_the_patience() {
        let Some(spoilt) = Spoilt::start().await else { return };
        let statuses = [503, 500, 404].map(HttpFault::Status);
        for fault in statuses.into_iter().chain([HttpFault::Stall, HttpFault::Close]) {
            spoilt.proxy.spoil_all(fault);
            let started = Instant::now();
            let put = spoilt.store.put(&key("a"), body("x"), None).await;
            assert!(matches!(put, Err(StoreError::Unavailable { .. })), "{fault:?}: {put:?}");
            let most = PATIENCE.retry_for + PATIENCE.attempt * 2;
            assert!(started.elapsed() < most, "{fault:?} took {:?}", started.elapsed());
        }
        spoilt.proxy.heal();
        use_everything(&spoilt.store).await.unwrap();
    }

    #[tokio::test]
    async fn a_refusal_is_final_and_asked_for_once() {
        let Some(spoilt) = Spoilt::start().await else { return };
        spoilt.proxy.spoil_all(HttpFault::Status(403));
        assert!(matches!(spoilt.store.get(&key("a")).await, Err(StoreError::Denied { .. })));
        assert!(matches!(spoilt.store.exists(&key("a")).await, Err(StoreError::Denied { .. })));
        assert!(matches!(spoilt.store.check().await, Err(StoreError::Denied { .. })));
        assert_eq!(spoilt.proxy.calls().len(), 3);
    }

    #[tokio::test]
    async fn a_404_of_whatever_stands_before_the_store_is_never_a_missing_object() {
        let Some(spoilt) = Spoilt::start().await else { return };
        let store = &spoilt.store;
        store.put(&key("there"), body("hello"), None).await.unwrap();
        spoilt.proxy.spoil_all(HttpFault::Status(404));
        assert!(matches!(store.get(&key("there")).await, Err(StoreError::Unavailable { .. })));
        assert!(matches!(store.exists(&key("there")).await, Err(StoreError::Unavailable { .. })));
        assert!(matches!(store.delete(&key("there")).await, Err(StoreError::Unavailable { .. })));
        let copied = store.copy(&key("there"), &key("copy")).await;
        assert!(matches!(copied, Err(StoreError::Unavailable { .. })), "{copied:?}");
        spoilt.proxy.spoil(0, 1, HttpFault::Status(404));
        assert_eq!(store.exists(&key("there")).await.unwrap(), Some(5));
        spoilt.proxy.spoil(0, 1, HttpFault::Status(404));
        assert_eq!(store.exists(&key("not-there")).await.unwrap(), None, "the store itself says so then");
    }

    #[tokio::test]
    async fn what_is_not_there_is_asked_for_once() {
        let Some(spoilt) = Spoilt::start().await else { return };
        assert!(spoilt.store.get(&key("not-there")).await.unwrap().is_none());
        assert_eq!(spoilt.store.exists(&key("not-there")).await.unwrap(), None);
        assert_eq!(spoilt.proxy.calls().len(), 2);
    }

    #[tokio::test]
    async fn a_body_that_is_cut_is_an_error_for_a_stream_and_a_retry_for_a_read() {
        let Some(spoilt) = Spoilt::start().await else { return };
        let content: Vec<u8> = (0..500_000_u32).flat_map(u32::to_le_bytes).collect();
        spoilt.store.put(&key("big"), content.clone().into(), None).await.unwrap();
        spoilt.proxy.spoil(0, 1, HttpFault::CutAfter(1_000_000));
        let object = spoilt.store.get(&key("big")).await.unwrap().unwrap();
        let read: Result<Vec<Bytes>, StoreError> = object.body.try_collect().await;
        assert!(read.unwrap_err().is_transient());
        spoilt.proxy.spoil(0, 1, HttpFault::CutAfter(1_000_000));
        assert!(spoilt.store.read(&key("big"), 10_000_000).await.unwrap().unwrap() == content);
    }

    #[tokio::test]
    async fn a_put_that_is_dropped_half_way_leaves_nothing() {
        let Some(spoilt) = Spoilt::start().await else { return };
        spoilt.proxy.spoil_all(HttpFault::Stall);
        let half = key("half");
        let put = spoilt.store.put(&half, vec![7; 3_000_000].into(), None);
        tokio::time::timeout(Duration::from_millis(200), put).await.unwrap_err();
        spoilt.proxy.heal();
        assert_eq!(spoilt.store.exists(&half).await.unwrap(), None);
        assert_eq!(spoilt.bucket.fetch(&half.to_string()).unwrap().status, 404);
    }

    #[tokio::test]
    async fn a_plain_client_sees_the_bytes_and_the_type_and_no_odd_encoding() {
        let Some(spoilt) = Spoilt::start().await else { return };
        let streamed = tempfile::NamedTempFile::new().unwrap();
        std::fs::write(streamed.path(), "<h1>hi</h1>").unwrap();
        let bodies = [body("<h1>hi</h1>"), PutBody::from_path(streamed.path()).await.unwrap()];
        for body in bodies {
            let index = key("index.html");
            spoilt.store.put(&index, body, Some("text/html; charset=utf-8")).await.unwrap();
            let seen = spoilt.bucket.fetch("output/abc/dist/index.html").unwrap();
            assert_eq!((seen.status, seen.body.as_slice()), (200, b"<h1>hi</h1>".as_slice()));
            assert_eq!(seen.header("content-type"), Some("text/html; charset=utf-8"));
            assert_eq!(seen.header("content-encoding"), None);
            let object = spoilt.store.get(&index).await.unwrap().unwrap();
            assert_eq!(object.content_type.as_deref(), Some("text/html; charset=utf-8"));
        }
    }

    #[tokio::test]
    async fn a_missing_bucket_is_never_a_missing_object() {
        let Some(bucket) = SeaweedFs::bucket() else { return };
        let config =
            S3Config { bucket: "shipstack-no-such-bucket".to_owned(), ..backend::config_of(&bucket) };
        let store = connect(config).await;
        assert!(matches!(store.check().await, Err(StoreError::NoBucket { .. })), "{:?}", store.check().await);
        let got = store.get(&key("a")).await;
        assert!(matches!(got, Err(StoreError::NoBucket { .. })), "{got:?}");
    }

    #[tokio::test]
    async fn a_wrong_secret_is_denied() {
        let Some(bucket) = SeaweedFs::bucket() else { return };
        let wrong = S3Key { id: SeaweedFs::KEY.to_owned(), secret: "wrong".into() };
        let store = connect(S3Config { key: Some(wrong), ..backend::config_of(&bucket) }).await;
        assert!(matches!(store.check().await, Err(StoreError::Denied { .. })));
        assert!(matches!(store.put(&key("a"), body("x"), None).await, Err(StoreError::Denied { .. })));
    }

    #[tokio::test]
    async fn nobody_at_the_endpoint_is_unavailable() {
        let Some(bucket) = SeaweedFs::bucket() else { return };
        let nobody = format!("http://127.0.0.1:{}", shipstack_testkit::free_port().unwrap());
        let store = connect(S3Config { endpoint: Some(nobody), ..backend::config_of(&bucket) }).await;
        assert!(matches!(store.exists(&key("a")).await, Err(StoreError::Unavailable { .. })));
    }
}

mod folder {
    use super::*;

    async fn open(path: &std::path::Path) -> Store {
        let config = StoreConfig::Folder { path: path.to_owned() };
        Store::connect(&config).await.unwrap().with_patience(PATIENCE)
    }

    fn files(path: &std::path::Path) -> Vec<String> {
        let walk = walkdir::WalkDir::new(path).into_iter().map(Result::unwrap);
        walk.filter(|entry| entry.file_type().is_file())
            .map(|entry| entry.path().display().to_string())
            .collect()
    }

    #[tokio::test]
    async fn what_was_stored_is_there_for_the_next_process_and_nothing_else_is() {
        let home = tempfile::tempdir().unwrap();
        let first = open(home.path()).await;
        first.put(&key("a/b"), body("x"), None).await.unwrap();
        first.put(&key("gone"), body("y"), None).await.unwrap();
        first.delete(&key("gone")).await.unwrap();
        let second = open(home.path()).await;
        assert_eq!(second.read(&key("a/b"), 9).await.unwrap().unwrap(), "x");
        assert_eq!(files(home.path()).len(), 1, "{:?}", files(home.path()));
    }

    #[tokio::test]
    async fn a_failed_put_leaves_no_half_written_file() {
        let home = tempfile::tempdir().unwrap();
        let store = open(home.path()).await;
        let shrunk = PutBody::File { file: tempfile::tempfile().unwrap().into(), length: 10 };
        store.put(&key("a"), shrunk, None).await.unwrap_err();
        assert!(files(home.path()).is_empty(), "{:?}", files(home.path()));
    }

    #[tokio::test]
    async fn half_written_files_of_dead_processes_are_swept_after_a_day() {
        let home = tempfile::tempdir().unwrap();
        drop(open(home.path()).await);
        let (old, fresh) = (home.path().join("incoming/old"), home.path().join("incoming/fresh"));
        std::fs::write(&fresh, "").unwrap();
        let two_days_ago = std::time::SystemTime::now() - Duration::from_hours(48);
        std::fs::File::create(&old).unwrap().set_modified(two_days_ago).unwrap();
        drop(open(home.path()).await);
        assert!(!old.exists() && fresh.exists());
    }

    #[tokio::test]
    async fn a_folder_that_vanished_is_not_ready_and_heals_when_it_is_back() {
        let home = tempfile::tempdir().unwrap();
        let (at, away) = (home.path().join("store"), home.path().join("away"));
        let store = open(&at).await;
        std::fs::rename(&at, &away).unwrap();
        store.check().await.unwrap_err();
        store.put(&key("a"), body("x"), None).await.unwrap_err();
        std::fs::rename(&away, &at).unwrap();
        store.check().await.unwrap();
        store.put(&key("a"), body("x"), None).await.unwrap();
    }

    /// Every delete that empties the folder removes it, under the feet of whoever is about to rename into it.
    #[tokio::test(flavor = "multi_thread", worker_threads = 4)]
    async fn a_folder_that_deletes_keep_emptying_takes_every_put() {
        let home = tempfile::tempdir().unwrap();
        let store = open(home.path()).await;
        let hammer = |writer: u32| {
            let store = store.with_patience(Patience { retry_for: Duration::ZERO, ..Patience::JOB });
            tokio::spawn(async move {
                let mine = key(&format!("deep/er/{writer}"));
                for round in 0..60 {
                    store
                        .put(&mine, body("x"), None)
                        .await
                        .unwrap_or_else(|error| panic!("{round}: {error:?}"));
                    assert_eq!(store.exists(&mine).await.unwrap(), Some(1));
                    store.delete(&mine).await.unwrap();
                }
            })
        };
        for writer in (0..6).map(hammer).collect::<Vec<_>>() {
            writer.await.unwrap();
        }
    }

    #[tokio::test]
    async fn a_file_that_is_cut_while_it_is_read_is_an_error() {
        let home = tempfile::tempdir().unwrap();
        let store = open(home.path()).await;
        store.put(&key("a"), vec![1; 3_000_000].into(), None).await.unwrap();
        let object = store.get(&key("a")).await.unwrap().unwrap();
        let stored = files(home.path()).pop().unwrap();
        std::fs::File::options().write(true).open(stored).unwrap().set_len(1_000_000).unwrap();
        let read: Result<Vec<Bytes>, StoreError> = object.body.try_collect().await;
        read.unwrap_err();
    }

    #[tokio::test]
    async fn a_full_disk_is_named_leaves_nothing_half_written_and_heals() {
        let Some(disk) = shipstack_testkit::SmallDisk::mount(1 << 20) else { return };
        let store = open(disk.path()).await;
        store.put(&key("small"), body("x"), None).await.unwrap();
        let large = PutBody::from(vec![1; 3 << 20]);
        let put = store.put(&key("large"), large.clone(), None).await;
        assert!(matches!(put, Err(StoreError::DiskFull { .. })), "{put:?}");
        assert_eq!(files(disk.path()).len(), 1, "{:?}", files(disk.path()));
        assert_eq!(store.read(&key("small"), 9).await.unwrap().unwrap(), "x");
        disk.resize(8 << 20).unwrap();
        store.put(&key("large"), large, None).await.unwrap();
    }
}
