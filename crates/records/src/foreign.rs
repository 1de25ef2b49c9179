//! What a consumer of the Node system built: it says `deployed` and leaves bare artifacts, and no record of ours.
//!
//! Only with the `files` layout, where such a consumer may take an id (contract §4). Its artifacts become a manifest from
//! a listing, then the deployment is decided and settled as any other. What it is not: trust in the word alone. Without
//! its `dist/index.html` in the store nothing is adopted, and the id is queued again once the consumer's time is over.

use crate::objects::write_json;
use crate::outcome::{BuildReport, Ending};
use crate::{Records, RecordsError};
use futures_util::{StreamExt as _, TryStreamExt as _, stream};
use shipstack_rules::content_type;
use shipstack_state::Decider;
use shipstack_storage::{KeyPrefix, ObjectKey};
use shipstack_types::{
    ClaimNumber, Code, DeploymentId, Failure, Manifest, ManifestEntry, OutputLimits, Phase, Published,
    RelPath, SiteRules,
};

/// Artifacts read at once for their digests.
const AT_ONCE: usize = 8;
/// The Node system knows no claims: its keys are those of claim 1.
const CLAIM: ClaimNumber = ClaimNumber::FIRST;

impl Records {
    /// Adopts what a foreign consumer says is deployed, if its site is there.
    pub(crate) async fn adopt_foreign(&self, id: &DeploymentId) -> Result<(), RecordsError> {
        let index: Option<RelPath> = "index.html".parse().ok();
        let Some(path) = index else { return Ok(()) };
        let key = ObjectKey::Artifact { id: id.clone(), claim: CLAIM, path };
        if self.store.exists(&key).await?.is_none() {
            tracing::warn!(deployment.id = %id, "somebody says deployed and there is no dist/index.html");
            return Ok(());
        }
        let (published, ending) = match self.published_by_another(id).await? {
            Ok(published) => (Some(published), Ending::Deployed),
            Err(failure) => (None, Ending::Failed(failure)),
        };
        let report = BuildReport { published, ..BuildReport::default() };
        self.conclude(Decider::Foreign(id), id, report, ending).await
    }

    /// The manifest of what is under the bare prefix, written; or why it cannot be published.
    async fn published_by_another(
        &self,
        id: &DeploymentId,
    ) -> Result<Result<Published, Failure>, RecordsError> {
        let files = match self.artifacts_of_another(id).await? {
            Ok(files) => files,
            Err(failure) => return Ok(Err(failure)),
        };
        let entries = stream::iter(files).map(|path| self.entry(id, path)).buffer_unordered(AT_ONCE);
        let entries: Vec<Option<ManifestEntry>> = entries.try_collect().await?;
        let manifest = Manifest::new(entries.into_iter().flatten().collect(), SiteRules::default());
        let key = ObjectKey::Manifest { id: id.clone(), claim: CLAIM };
        write_json(&self.store, &key, &manifest).await?;
        Ok(Ok(Published {
            claim: CLAIM,
            manifest_key: key.to_string(),
            root: manifest.root,
            files: manifest.entries.len() as u64,
            bytes: manifest.total_bytes(),
        }))
    }

    /// The names that can be published, under the limits that any output has.
    async fn artifacts_of_another(
        &self,
        id: &DeploymentId,
    ) -> Result<Result<Vec<RelPath>, Failure>, RecordsError> {
        let (limits, prefix) = (OutputLimits::default(), KeyPrefix::LegacyDist(id.clone()));
        let (mut files, mut bytes, mut after) = (Vec::new(), 0_u64, None::<String>);
        loop {
            let page = self.store.list(&prefix, after.as_deref()).await?;
            for listed in page.entries {
                bytes = bytes.saturating_add(listed.bytes);
                files.extend(listed.path.parse::<RelPath>().ok().filter(|path| !path.is_root()));
            }
            if files.len() as u64 > limits.files || bytes > limits.total_bytes {
                return Ok(Err(too_large(&limits)));
            }
            after = page.next;
            if after.is_none() {
                return Ok(Ok(files));
            }
        }
    }

    /// One artifact with the digest of its bytes; `None` when it is gone again.
    async fn entry(&self, id: &DeploymentId, path: RelPath) -> Result<Option<ManifestEntry>, RecordsError> {
        let key = ObjectKey::Artifact { id: id.clone(), claim: CLAIM, path: path.clone() };
        let Some((bytes, sha256)) = self.measure(&key).await? else { return Ok(None) };
        let content_type = content_type(path.as_str()).into_owned();
        Ok(Some(ManifestEntry { path, bytes, sha256, content_type }))
    }
}

fn too_large(limits: &OutputLimits) -> Failure {
    let message = format!(
        "Another consumer of the queue built more than {} files or {} bytes.",
        limits.files, limits.total_bytes
    );
    Failure::new(Phase::Collecting, Code::OutputRefused).message(message)
}
