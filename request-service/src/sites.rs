//! What each id leads to, remembered: a flood of requests for one site, or of misses, does not reach the store.
//!
//! A deployed site is final, so it stays until there is no room (and is served on when the store is away); now and then it is
//! asked in the background whether it was deleted. Everything else is remembered for a moment only. Errors never are.

use crate::legacy;
use moka::Expiry;
use moka::future::Cache;
use shipstack_records::{RecordsError, Site};
use shipstack_rules::Listing;
use shipstack_service::DeploymentTrace;
use shipstack_storage::{ObjectKey, Store, StoreError};
use shipstack_types::{ClaimNumber, DeploymentId, DeploymentState, Manifest, Timestamp};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};
use tokio::sync::Semaphore;
use tokio::task::JoinHandle;
use tracing::Span;

/// Look-ups in the store at once; more wait. Ids are cheap to invent, store calls are not.
const LOOKUPS: usize = 64;
/// Waiting for a turn and looking up, together.
const PATIENCE: Duration = Duration::from_secs(10);
/// A visitor who waits for a build sees its end this much later at most.
const WHILE_BUILDING: Duration = Duration::from_millis(500);
/// Long enough that a flood of one wrong name is nothing, short enough that a new deployment is not missed.
const WHILE_UNKNOWN: Duration = Duration::from_secs(2);
/// The Node system may still write to its bucket.
const WHILE_LEGACY: Duration = Duration::from_secs(10);
/// `failed` and `cancelled` are final; deletion is noticed after this.
const WHILE_ENDED: Duration = Duration::from_mins(1);
/// How often a served site is asked about its deletion, beside serving it.
const DELETION_CHECK: Duration = Duration::from_secs(5);
/// A site that was not asked about for so long is asked first and served second.
const DELETION_DOUBT: Duration = Duration::from_secs(30);
/// How long its visitor waits for that. A store that is away says nothing about deletion, and known sites are served
/// on without it (promise 20).
const DELETION_PATIENCE: Duration = Duration::from_millis(500);

/// What there is to serve for an id.
pub(crate) enum Known {
    /// A deployed site.
    Ready(Box<ReadySite>),
    /// Loose artifacts of the Node system.
    Legacy(Listing),
    /// Not ended yet.
    Building,
    /// Failed or cancelled.
    Ended(DeploymentState),
    /// Nobody knows it.
    Unknown,
}

/// A deployed site.
pub(crate) struct ReadySite {
    pub(crate) claim: ClaimNumber,
    pub(crate) manifest: Manifest,
    pub(crate) published_at: Timestamp,
    trace: DeploymentTrace,
    visited: AtomicBool,
    deletion: DeletionCheck,
}

impl ReadySite {
    /// A span of the deployment's trace for the first visit that this process knows of; `None` for all others.
    pub(crate) fn first_visit(&self) -> Option<Span> {
        (!self.visited.swap(true, Ordering::Relaxed)).then(|| self.trace.span("visit"))
    }
}

/// Why an id could not be looked up. Always worth another try.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub(crate) enum LookupError {
    /// The records could not be read.
    #[error("the site's records cannot be read")]
    Records(#[from] RecordsError),
    /// The listing could not be read.
    #[error("the site's files cannot be listed")]
    Listing(#[from] StoreError),
    /// More look-ups than the store answers in time.
    #[error("looking the site up took longer than {PATIENCE:?}")]
    TooSlow,
}

/// The memory of what ids lead to.
pub(crate) struct Sites {
    store: Store,
    cache: Cache<DeploymentId, Arc<Known>>,
    turns: Semaphore,
}

impl Sites {
    /// With `room` bytes of memory, as [`Known::weight`] counts them.
    pub(crate) fn new(store: Store, room: u64) -> Self {
        let cache = Cache::builder()
            .weigher(|_, known: &Arc<Known>| known.weight())
            .max_capacity(room)
            .expire_after(Moment)
            .build();
        Self { store, cache, turns: Semaphore::new(LOOKUPS) }
    }

    /// What this id leads to. However many ask at once, the store is asked once.
    pub(crate) async fn find(&self, id: &DeploymentId) -> Result<Arc<Known>, Arc<LookupError>> {
        let known = match self.cache.get(id).await {
            Some(known) => known,
            None => Box::pin(self.cache.try_get_with_by_ref(id, self.look_up(id))).await?,
        };
        let in_doubt = known.is_in_doubt();
        match self.check_deletion(id, &known) {
            Some(check) if in_doubt => {
                // The check goes on by itself when it takes longer.
                let deleted = tokio::time::timeout(DELETION_PATIENCE, check).await;
                Ok(if matches!(deleted, Ok(Ok(true))) { Arc::new(Known::Unknown) } else { known })
            }
            _ => Ok(known),
        }
    }

    /// Whether [`Self::find`] can answer without the store.
    pub(crate) fn remembers(&self, id: &DeploymentId) -> bool {
        self.cache.contains_key(id)
    }

    async fn look_up(&self, id: &DeploymentId) -> Result<Arc<Known>, LookupError> {
        let turn_and_look = async {
            // The semaphore is never closed, so an error here cannot be; being slow is the closest truth.
            let _turn = self.turns.acquire().await.map_err(|_| LookupError::TooSlow)?;
            known(&self.store, id).await.map(Arc::new)
        };
        tokio::time::timeout(PATIENCE, turn_and_look).await.map_err(|_| LookupError::TooSlow)?
    }

    /// Asks in the background whether the site was deleted, where that is due.
    fn check_deletion(&self, id: &DeploymentId, known: &Arc<Known>) -> Option<JoinHandle<bool>> {
        let Known::Ready(site) = known.as_ref() else { return None };
        if !site.deletion.is_due() {
            return None;
        }
        let (store, cache, id, known) =
            (self.store.clone(), self.cache.clone(), id.clone(), Arc::clone(known));
        Some(tokio::spawn(async move {
            let mark = store.exists(&ObjectKey::Deleted(id.clone())).await;
            let deleted = matches!(mark, Ok(Some(_)));
            if deleted {
                cache.invalidate(&id).await;
            }
            if let Known::Ready(site) = known.as_ref() {
                site.deletion.done();
            }
            deleted
        }))
    }
}

async fn known(store: &Store, id: &DeploymentId) -> Result<Known, LookupError> {
    Ok(match Site::find(store, id).await? {
        Site::Ready(result, manifest) => {
            let claim = result.published.as_ref().map_or(ClaimNumber::FIRST, |published| published.claim);
            let deletion = DeletionCheck::now();
            let trace = DeploymentTrace::new(id, result.traceparent.as_ref());
            let visited = AtomicBool::new(false);
            Known::Ready(Box::new(ReadySite {
                claim,
                manifest,
                published_at: result.ended_at,
                trace,
                visited,
                deletion,
            }))
        }
        Site::Legacy => Known::Legacy(legacy::list(store, id).await?),
        Site::Building => Known::Building,
        Site::Ended(state) => Known::Ended(state),
        Site::Unknown => Known::Unknown,
    })
}

impl Known {
    /// Whether it may have been deleted long ago, as far as anybody here knows.
    fn is_in_doubt(&self) -> bool {
        matches!(self, Self::Ready(site) if site.deletion.age() >= DELETION_DOUBT)
    }

    /// Rough bytes in memory: a name, a digest and a type for each file.
    fn weight(&self) -> u32 {
        const PER_FILE: usize = 256;
        let files = match self {
            Self::Ready(site) => site.manifest.entries.len(),
            Self::Legacy(files) => files.len(),
            Self::Building | Self::Ended(_) | Self::Unknown => 0,
        };
        u32::try_from(files.saturating_add(1).saturating_mul(PER_FILE)).unwrap_or(u32::MAX)
    }
}

/// How long each kind of knowledge is remembered.
struct Moment;

impl Expiry<DeploymentId, Arc<Known>> for Moment {
    fn expire_after_create(&self, _: &DeploymentId, known: &Arc<Known>, _: Instant) -> Option<Duration> {
        match known.as_ref() {
            Known::Ready(_) => None,
            Known::Legacy(_) => Some(WHILE_LEGACY),
            Known::Building => Some(WHILE_BUILDING),
            Known::Ended(_) => Some(WHILE_ENDED),
            Known::Unknown => Some(WHILE_UNKNOWN),
        }
    }
}

/// When a site was last known not to be deleted; one check at a time.
struct DeletionCheck {
    last: Mutex<Instant>,
    running: AtomicBool,
}

impl DeletionCheck {
    fn now() -> Self {
        Self { last: Mutex::new(Instant::now()), running: AtomicBool::new(false) }
    }

    fn age(&self) -> Duration {
        self.last.lock().unwrap_or_else(PoisonError::into_inner).elapsed()
    }

    fn is_due(&self) -> bool {
        self.age() >= DELETION_CHECK && !self.running.swap(true, Ordering::AcqRel)
    }

    fn done(&self) {
        *self.last.lock().unwrap_or_else(PoisonError::into_inner) = Instant::now();
        self.running.store(false, Ordering::Release);
    }
}
