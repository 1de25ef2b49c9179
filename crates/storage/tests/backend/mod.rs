//! A fresh store of each kind; whatever it needed is gone after the test.

use shipstack_storage::{S3Config, S3Key, Store, StoreConfig};
use shipstack_testkit::{Bucket, SeaweedFs};

/// A store, and what it lives in.
pub(crate) struct Fixture {
    store: Store,
    _home: Home,
}

#[allow(dead_code, reason = "held for their drops")]
enum Home {
    Nothing,
    Folder(tempfile::TempDir),
    Bucket(Bucket),
}

impl Fixture {
    pub(crate) fn store(&self) -> &Store {
        &self.store
    }
}

pub(crate) async fn memory() -> Option<Fixture> {
    let store = Store::connect(&StoreConfig::Memory).await.unwrap();
    Some(Fixture { store, _home: Home::Nothing })
}

pub(crate) async fn folder() -> Option<Fixture> {
    let folder = tempfile::tempdir().unwrap();
    let config = StoreConfig::Folder { path: folder.path().join("made/by/the/store") };
    let store = Store::connect(&config).await.unwrap();
    Some(Fixture { store, _home: Home::Folder(folder) })
}

pub(crate) async fn s3() -> Option<Fixture> {
    let bucket = SeaweedFs::bucket()?;
    let store = Store::connect(&StoreConfig::S3(config_of(&bucket))).await.unwrap();
    Some(Fixture { store, _home: Home::Bucket(bucket) })
}

/// The settings that lead to a bucket.
pub(crate) fn config_of(bucket: &Bucket) -> S3Config {
    S3Config {
        bucket: bucket.name().to_owned(),
        region: None,
        endpoint: Some(bucket.endpoint().to_owned()),
        key: Some(S3Key { id: SeaweedFs::KEY.to_owned(), secret: SeaweedFs::SECRET.into() }),
    }
}
