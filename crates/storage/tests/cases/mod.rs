//! What every backend promises.

use std::collections::BTreeSet;
use std::io::Write;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use futures_util::{TryStreamExt, future};
use shipstack_storage::{KeyPrefix, ObjectKey, PutBody, Store, StoreError};
use shipstack_types::{ClaimNumber, Clock as _, DeploymentId, RelPath, SystemClock};

const MIB: u64 = 1024 * 1024;

fn id(text: &str) -> DeploymentId {
    text.parse().unwrap()
}

fn artifact(deployment: &str, path: &str) -> ObjectKey {
    let path: RelPath = path.parse().unwrap();
    ObjectKey::Artifact { id: id(deployment), claim: ClaimNumber::FIRST, path }
}

fn artifacts(deployment: &str) -> KeyPrefix {
    KeyPrefix::Artifacts { id: id(deployment), claim: ClaimNumber::FIRST }
}

async fn put(store: &Store, key: &ObjectKey, text: &str) {
    let body = PutBody::from(text.as_bytes().to_vec());
    store.put(key, body, Some("text/plain")).await.unwrap_or_else(|error| panic!("{key}: {error:?}"));
}

async fn text(store: &Store, key: &ObjectKey) -> Option<String> {
    let bytes = store.read(key, MIB).await.unwrap()?;
    Some(String::from_utf8(bytes.to_vec()).unwrap())
}

async fn paths(store: &Store, prefix: &KeyPrefix) -> Vec<String> {
    let (mut paths, mut after) = (Vec::new(), None);
    loop {
        let page = store.list(prefix, after.as_deref()).await.unwrap();
        paths.extend(page.entries.into_iter().map(|entry| entry.path));
        after = page.next;
        if after.is_none() {
            return paths;
        }
    }
}

pub(crate) async fn what_was_put_is_read_back(store: &Store) {
    let key = artifact("abc", "index.html");
    put(store, &key, "<h1>hi</h1>").await;
    assert_eq!(store.exists(&key).await.unwrap(), Some(11));
    let object = store.get(&key).await.unwrap().unwrap();
    assert_eq!(object.length, 11);
    let chunks: Vec<Bytes> = object.body.try_collect().await.unwrap();
    assert_eq!(chunks.concat(), b"<h1>hi</h1>");
}

pub(crate) async fn what_was_never_put_is_not_there(store: &Store) {
    let key = artifact("abc", "a");
    assert!(store.get(&key).await.unwrap().is_none());
    assert!(store.read(&key, 1).await.unwrap().is_none());
    assert!(store.exists(&key).await.unwrap().is_none());
    put(store, &artifact("abc", "a/b/c"), "").await;
    assert!(store.get(&artifact("abc", "a/b")).await.unwrap().is_none());
    assert!(store.exists(&artifact("abc", "a/b")).await.unwrap().is_none());
}

pub(crate) async fn a_copy_is_equal_and_stands_alone(store: &Store) {
    let (from, to) = (artifact("abc", "a b/ä%+.html"), artifact("other", "deep/x"));
    assert!(!store.copy(&from, &to).await.unwrap(), "there is nothing to copy");
    put(store, &from, "whole").await;
    assert!(store.copy(&from, &to).await.unwrap());
    assert!(store.copy(&from, &to).await.unwrap(), "a repeat is the same answer");
    store.delete(&from).await.unwrap();
    assert_eq!(text(store, &to).await.as_deref(), Some("whole"));
}

pub(crate) async fn an_empty_object_is_an_object(store: &Store) {
    let key = artifact("abc", ".nojekyll");
    put(store, &key, "").await;
    assert_eq!(store.exists(&key).await.unwrap(), Some(0));
    assert_eq!(text(store, &key).await.as_deref(), Some(""));
    assert_eq!(paths(store, &artifacts("abc")).await, [".nojekyll"]);
}

pub(crate) async fn a_later_put_replaces_the_whole_object(store: &Store) {
    let key = ObjectKey::Result(id("abc"));
    put(store, &key, "a long first text").await;
    put(store, &key, "short").await;
    assert_eq!(text(store, &key).await.as_deref(), Some("short"));
}

fn file_of(bytes: &[u8]) -> std::fs::File {
    let mut file = tempfile::tempfile().unwrap();
    file.write_all(bytes).unwrap();
    file
}

pub(crate) async fn a_file_is_stored_from_its_start(store: &Store) {
    let key = ObjectKey::Source { id: id("abc"), claim: ClaimNumber::FIRST };
    // The cursor stands at the end, as after writing a snapshot, and the file has no name.
    let body = PutBody::from_file(file_of(b"snapshot")).unwrap();
    store.put(&key, body.clone(), None).await.unwrap();
    store.put(&key, body, None).await.unwrap();
    assert_eq!(text(store, &key).await.as_deref(), Some("snapshot"));
}

pub(crate) async fn a_file_of_many_megabytes_comes_back_whole(store: &Store) {
    let content: Vec<u8> = (0..6_000_000_u32).flat_map(u32::to_le_bytes).collect();
    let key = artifact("abc", "large.bin");
    store.put(&key, PutBody::from_file(file_of(&content)).unwrap(), None).await.unwrap();
    let object = store.get(&key).await.unwrap().unwrap();
    let chunks: Vec<Bytes> = object.body.try_collect().await.unwrap();
    assert!(chunks.concat() == content);
}

pub(crate) async fn a_file_that_shrank_is_never_stored(store: &Store) {
    let key = artifact("abc", "shrunk");
    let body = PutBody::File { file: Arc::new(file_of(b"abc")), length: 1000 };
    let store = store.with_patience(shipstack_storage::Patience {
        attempt: std::time::Duration::from_secs(2),
        retry_for: std::time::Duration::ZERO,
    });
    store.put(&key, body, None).await.unwrap_err();
    assert_eq!(store.exists(&key).await.unwrap(), None);
}

pub(crate) async fn a_deleted_object_is_gone_and_deleting_again_is_fine(store: &Store) {
    let (gone, kept) = (artifact("abc", "x/gone"), artifact("abc", "x/kept"));
    put(store, &gone, "1").await;
    put(store, &kept, "2").await;
    store.delete(&gone).await.unwrap();
    store.delete(&gone).await.unwrap();
    assert_eq!(store.exists(&gone).await.unwrap(), None);
    assert_eq!(text(store, &kept).await.as_deref(), Some("2"));
    store.delete(&kept).await.unwrap();
    assert!(paths(store, &KeyPrefix::Deployment(id("abc"))).await.is_empty());
}

pub(crate) async fn reading_stops_at_the_cap(store: &Store) {
    let key = ObjectKey::Birth(id("abc"));
    put(store, &key, "12345").await;
    assert_eq!(store.read(&key, 5).await.unwrap().unwrap(), "12345");
    assert!(matches!(store.read(&key, 4).await, Err(StoreError::TooLarge { limit: 4, .. })));
}

pub(crate) async fn several_objects_are_read_in_the_order_of_their_keys(store: &Store) {
    let keys = [ObjectKey::Result(id("abc")), ObjectKey::Deleted(id("abc")), ObjectKey::Birth(id("abc"))];
    let long = "long ".repeat(20_000);
    put(store, &keys[2], &long).await;
    put(store, &keys[0], "first").await;
    let [first, absent, last] = store.read_each(&keys, 100_000).await.unwrap();
    assert_eq!((first.unwrap(), absent, last.unwrap()), ("first".into(), None, long.into()));
    assert!(matches!(store.read_each(&keys, 99_999).await, Err(StoreError::TooLarge { limit: 99_999, .. })));
}

pub(crate) async fn a_prefix_is_a_folder_and_not_the_beginning_of_a_name(store: &Store) {
    for deployment in ["abc", "abcd", "abc-d", "ab"] {
        put(store, &artifact(deployment, "index.html"), deployment).await;
    }
    let page = store.list(&KeyPrefix::Deployment(id("abc")), None).await.unwrap();
    assert_eq!(page.entries.len(), 1);
    assert_eq!(page.entries[0].key, "output/abc/dist/index.html");
    assert_eq!(page.entries[0].path, "dist/index.html");
    assert_eq!(page.entries[0].bytes, 3);
}

pub(crate) async fn an_object_and_a_folder_may_have_the_same_name(store: &Store) {
    for path in ["a", "a/b", "a/b/c", "a.b", "a-b"] {
        put(store, &artifact("abc", path), path).await;
    }
    for path in ["a", "a/b", "a/b/c", "a.b", "a-b"] {
        assert_eq!(text(store, &artifact("abc", path)).await.as_deref(), Some(path));
    }
    let listed: BTreeSet<String> = paths(store, &artifacts("abc")).await.into_iter().collect();
    assert_eq!(listed, BTreeSet::from(["a", "a/b", "a/b/c", "a.b", "a-b"].map(str::to_owned)));
    store.delete(&artifact("abc", "a")).await.unwrap();
    assert_eq!(text(store, &artifact("abc", "a/b")).await.as_deref(), Some("a/b"));
}

pub(crate) async fn pages_together_hold_every_object_once(store: &Store) {
    let mut expected: Vec<String> = (0..20).map(|n| format!("deep/{}/file-{n}.js", n % 3)).collect();
    expected.extend(["deep.txt", "deep-x/a", "deep/0.js", "a", "z/z", "deep/0/0/0/0"].map(str::to_owned));
    for path in &expected {
        put(store, &artifact("abc", path), path).await;
    }
    expected.sort();
    for size in [1, 2, 3, 7, 25, 26, 27] {
        let mut listed = paths(&store.with_pages_of(size), &artifacts("abc")).await;
        listed.sort();
        assert_eq!(listed, expected, "pages of {size}");
    }
}

pub(crate) async fn a_listing_says_when_an_object_was_stored_and_a_copy_is_stored_anew(store: &Store) {
    // A store may round to seconds.
    const ROUNDING: Duration = Duration::from_secs(2);
    let from = SystemClock.now();
    put(store, &artifact("abc", "a"), "a").await;
    assert!(store.copy(&artifact("abc", "a"), &artifact("abc", "b")).await.unwrap());
    let until = SystemClock.now().plus(ROUNDING);
    let listed = store.list(&artifacts("abc"), None).await.unwrap().entries;
    assert_eq!(listed.len(), 2);
    for entry in listed {
        let at = entry.stored_at.expect("a time");
        assert!(at.plus(ROUNDING) >= from && at <= until, "{} at {at}", entry.key);
    }
}

pub(crate) async fn a_listing_of_nothing_is_empty(store: &Store) {
    let page = store.list(&KeyPrefix::Deployment(id("nobody")), None).await.unwrap();
    assert!(page.entries.is_empty() && page.next.is_none());
    let page = store.list_deployments(None).await.unwrap();
    assert!(page.ids.is_empty() && page.next.is_none());
}

pub(crate) async fn odd_names_come_back_as_they_were(store: &Store) {
    let odd = [
        "with space.html",
        "per%20cent",
        "plus+plus",
        "q?a=b&c",
        "hash#tag",
        "ünïcode/日本語.html",
        "quote'\"<>`{}|^",
        "...",
        "..a/.b.",
        "tilde~@colon:semi;comma,=",
        "[slug]/(group)/$x!*",
        "trailing ",
        " leading",
    ];
    for path in odd {
        put(store, &artifact("abc", path), path).await;
    }
    for path in odd {
        assert_eq!(text(store, &artifact("abc", path)).await.as_deref(), Some(path), "{path}");
    }
    let listed: BTreeSet<String> = paths(store, &artifacts("abc")).await.into_iter().collect();
    assert_eq!(listed, odd.iter().map(|path| (*path).to_owned()).collect());
}

pub(crate) async fn the_longest_key_is_stored_and_a_longer_one_refused(store: &Store) {
    let stem = "output/abc/dist/".len();
    let long = format!("{}/", "d".repeat(255)).repeat(3) + &"é".repeat(100);
    let fill = "x".repeat(ObjectKey::MAX_BYTES - stem - long.len() - 1);
    let longest = artifact("abc", &format!("{fill}/{long}"));
    assert_eq!(longest.to_string().len(), ObjectKey::MAX_BYTES);
    put(store, &longest, "here").await;
    assert_eq!(text(store, &longest).await.as_deref(), Some("here"));
    assert_eq!(paths(store, &artifacts("abc")).await, [format!("{fill}/{long}")]);
    let longer = artifact("abc", &format!("x{fill}/{long}"));
    assert!(matches!(
        store.put(&longer, Bytes::new().into(), None).await,
        Err(StoreError::KeyTooLong { .. })
    ));
}

pub(crate) async fn deployments_are_listed_once_each(store: &Store) {
    let ids = ["abc", "abcd", "Abc", "-x_", "k3v9x2m7q4tzb8wd"];
    for deployment in ids {
        put(store, &ObjectKey::Birth(id(deployment)), "{}").await;
        put(store, &artifact(deployment, "index.html"), "").await;
    }
    for size in [1, 2, 5, 1000] {
        let (mut found, mut after) = (Vec::new(), None);
        loop {
            let page = store.with_pages_of(size).list_deployments(after.as_deref()).await.unwrap();
            found.extend(page.ids.into_iter().map(String::from));
            after = page.next;
            if after.is_none() {
                break;
            }
        }
        found.sort();
        assert_eq!(found, ["-x_", "Abc", "abc", "abcd", "k3v9x2m7q4tzb8wd"], "pages of {size}");
    }
}

pub(crate) async fn a_name_that_differs_in_case_is_another_object(store: &Store) {
    put(store, &artifact("abc", "Logo.png"), "upper").await;
    put(store, &artifact("abc", "logo.png"), "lower").await;
    assert_eq!(text(store, &artifact("abc", "Logo.png")).await.as_deref(), Some("upper"));
    assert_eq!(text(store, &artifact("abc", "logo.png")).await.as_deref(), Some("lower"));
}

pub(crate) async fn many_writers_at_once_lose_nothing(store: &Store) {
    let keys: Vec<ObjectKey> = (0..60).map(|n| artifact("abc", &format!("a/{}/{n}", n % 7))).collect();
    future::join_all(keys.iter().map(|key| put(store, key, "x"))).await;
    assert_eq!(paths(store, &artifacts("abc")).await.len(), keys.len());
}

pub(crate) async fn deleting_and_putting_beside_each_other_loses_nothing(store: &Store) {
    let (kept, passing) = (artifact("abc", "deep/er/kept"), artifact("abc", "deep/er/passing"));
    for _ in 0..15 {
        put(store, &passing, "1").await;
        let (deleted, ()) = tokio::join!(store.delete(&passing), put(store, &kept, "2"));
        deleted.unwrap();
        assert_eq!(text(store, &kept).await.as_deref(), Some("2"));
        store.delete(&kept).await.unwrap();
    }
}

pub(crate) async fn a_store_that_is_there_says_so(store: &Store) {
    store.check().await.unwrap();
}
