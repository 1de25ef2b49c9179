//! From settings to a store and a state, the same for every service.

use crate::Records;
use shipstack_service::new_worker_id;
use shipstack_settings::{
    DataSettings, ExposeSecret, QueueTake, SettingsError, SnapshotLayout, SourceSettings, StateSettings,
    StoreSettings, TimeoutSettings,
};
use shipstack_state::{RedisConfig, State, StateConfig, StateError, Timing};
use shipstack_storage::{S3Config, S3Key, Store, StoreConfig, StoreError};
use shipstack_types::Sha256Digest;
use shipstack_types::job::JobRules;
use std::sync::Arc;
use std::time::Duration;

/// The folder of the object store under the data folder.
const STORE_FOLDER: &str = "store";
/// What a claim may need beyond its own deadlines: opening, snapshotting, collecting, and a slow store.
const SPARE: Duration = Duration::from_mins(10);

/// Why store or state could not be had.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ConnectError {
    /// A setting is missing or wrong.
    #[error(transparent)]
    Settings(#[from] SettingsError),
    /// The object store's settings cannot be used.
    #[error("the object store cannot be used")]
    Store(#[from] StoreError),
    /// The state's settings cannot be used.
    #[error("the state cannot be used")]
    State(#[from] StateError),
}

/// Everything that decides where records are.
#[derive(Clone, Copy)]
pub struct RecordsSettings<'a> {
    /// The data folder.
    pub data: &'a DataSettings,
    /// The object store.
    pub store: &'a StoreSettings,
    /// Redis and the queue.
    pub state: &'a StateSettings,
    /// Deadlines.
    pub timeouts: &'a TimeoutSettings,
    /// Whether a consumer of the Node system may take ids.
    pub source: &'a SourceSettings,
}

impl RecordsSettings<'_> {
    /// A name that all processes of one installation share and no other one has: of its store and its Redis.
    #[must_use]
    pub fn installation(&self) -> String {
        let folder = std::path::absolute(&self.data.data_dir).unwrap_or_else(|_| self.data.data_dir.clone());
        let place = match &self.store.bucket {
            Some(bucket) => format!("{bucket} {}", self.store.endpoint.as_deref().unwrap_or_default()),
            None => folder.display().to_string(),
        };
        let redis = self.state.redis_url.as_ref().map(ExposeSecret::expose_secret).unwrap_or_default();
        let name = format!("{place}\n{redis}\n{}", self.state.redis_prefix);
        Sha256Digest::of(name.as_bytes()).to_string().chars().take(16).collect()
    }
}

impl Records {
    /// Opens store and state of a separate service, which needs Redis.
    pub async fn connect(settings: RecordsSettings<'_>) -> Result<Self, ConnectError> {
        settings.state.required_redis_url()?;
        Self::connect_any(settings).await
    }

    /// Opens store and state of the all-in-one: without `REDIS_URL` the state is kept in this process.
    pub async fn connect_any(settings: RecordsSettings<'_>) -> Result<Self, ConnectError> {
        let clock = shipstack_service::clock();
        let state =
            State::connect(&state_config(settings.state), timing(settings), Arc::clone(&clock)).await?;
        let store = connect_store(settings.data, settings.store).await?;
        Ok(Self { store, state, clock, worker: new_worker_id() })
    }
}

/// Opens the object store: the bucket, or a folder under the data folder.
pub async fn connect_store(data: &DataSettings, store: &StoreSettings) -> Result<Store, ConnectError> {
    let config = match &store.bucket {
        None => StoreConfig::Folder { path: data.data_dir.join(STORE_FOLDER) },
        Some(bucket) => StoreConfig::S3(S3Config {
            bucket: bucket.clone(),
            region: store.region.clone(),
            endpoint: store.endpoint.clone(),
            key: store.credentials()?.map(|(id, secret)| S3Key { id, secret }),
        }),
    };
    Ok(Store::connect(&config).await?)
}

fn state_config(state: &StateSettings) -> StateConfig {
    let Some(url) = &state.redis_url else { return StateConfig::InProcess };
    let take = match state.queue_take {
        QueueTake::Claim => shipstack_state::QueueTake::Claim,
        QueueTake::Brpop => shipstack_state::QueueTake::Brpop,
    };
    let url = url.expose_secret().to_owned().into();
    StateConfig::Redis(RedisConfig { url, prefix: state.redis_prefix.clone(), take })
}

fn timing(settings: RecordsSettings<'_>) -> Timing {
    let timeouts = settings.timeouts;
    let rules = JobRules {
        lease: settings.state.lease.get(),
        intake_deadline: timeouts.clone.get() + SPARE,
        build_deadline: timeouts.build.get() + timeouts.publish.get() + SPARE,
        queue_timeout: timeouts.queue.get(),
        ..JobRules::default()
    };
    let files = settings.source.snapshot_layout == SnapshotLayout::Files;
    let foreign_grace = files.then(|| settings.state.foreign_grace.get());
    Timing { rules, foreign_grace, ..Timing::with_lease(settings.state.lease.get()) }
}
