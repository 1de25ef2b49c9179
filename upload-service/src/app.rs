//! What every handler has at hand.

use crate::admission::Admission;
use crate::problems;
use crate::server_info::Limits;
use crate::streams::Streams;
use shipstack_http::Problem;
use shipstack_records::{PublicUrl, Records};
use shipstack_service::CancellationToken;
use shipstack_source::Spool;
use shipstack_types::{ArchiveLimits, HostAllowList, SourceLimits};
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::Semaphore;

/// Shared by all requests.
pub(crate) struct App {
    pub(crate) records: Records,
    pub(crate) spool: Spool,
    pub(crate) urls: PublicUrl,
    pub(crate) allow_private: HostAllowList,
    pub(crate) source: SourceLimits,
    pub(crate) archive: ArchiveLimits,
    /// What this installation tells clients of its limits.
    pub(crate) limits: Limits,
    pub(crate) upload_deadline: Duration,
    /// A permit for each archive that is being taken in; without one the upload is refused, not queued.
    pub(crate) uploads: Arc<Semaphore>,
    /// Whether there is room for another deployment.
    pub(crate) admission: Admission,
    /// Places for answers that last.
    pub(crate) streams: Streams,
    /// Ends answers that would last for ever.
    pub(crate) stopping: CancellationToken,
}

impl App {
    /// Asked before a birth is recorded: a Redis that is away leaves no deployment that nobody was told of, and one more
    /// than there is room for is not taken in.
    pub(crate) async fn admit(&self) -> Result<(), Problem> {
        let asked = self.records.state.index_complete().await;
        asked.map_err(|error| problems::from_records(&error.into()))?;
        self.admission.check(&self.records.state).await
    }
}
