//! Redis and an S3 store for `up --services`. They keep their data as long as they run.

use std::sync::Arc;

use anyhow::Result;
use shipstack_testkit::{Bucket, RedisOptions, RedisServer, SeaweedFs};

use crate::console::say;
use crate::machine;

/// The running servers; gone, with what they hold, when dropped.
pub(crate) struct Servers {
    redis: RedisServer,
    bucket: Bucket,
}

impl Servers {
    pub(crate) async fn start() -> Result<Self> {
        let weed = machine::ensure_weed().await?;
        let servers = tokio::task::spawn_blocking(move || -> Result<Self> {
            let redis = RedisServer::try_start(&RedisOptions::as_deployed())?;
            let store = Arc::new(SeaweedFs::start_program(&weed)?);
            Ok(Self { redis, bucket: Bucket::create(store)? })
        });
        let servers = servers.await??;
        say(&format!(
            "Redis {} · S3 {}, bucket {}",
            servers.redis.url(),
            servers.bucket.endpoint(),
            servers.bucket.name()
        ));
        say("what they hold is gone when this ends");
        Ok(servers)
    }

    pub(crate) fn redis(&self) -> &RedisServer {
        &self.redis
    }

    pub(crate) fn environment(&self) -> [(&'static str, String); 6] {
        [
            ("REDIS_URL", self.redis.url()),
            ("AWS_BUCKET", self.bucket.name().to_owned()),
            ("AWS_ENDPOINT_URL", self.bucket.endpoint().to_owned()),
            ("AWS_REGION", SeaweedFs::REGION.to_owned()),
            ("AWS_ACCESS_KEY_ID", SeaweedFs::KEY.to_owned()),
            ("AWS_SECRET_ACCESS_KEY", SeaweedFs::SECRET.to_owned()),
        ]
    }
}
