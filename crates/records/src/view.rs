//! A deployment as clients see it: from the state while it lasts, from the store once it ended.

use crate::objects::read_json;
use crate::{Records, RecordsError};
use shipstack_state::JobView;
use shipstack_storage::ObjectKey;
use shipstack_types::{
    Birth, ClaimNumber, Deployment, DeploymentId, DeploymentState, ResultRecord, SourceInfo, SourceView,
};

/// Where deployments are visible: `SHIPSTACK_PUBLIC_SERVE_URL` with `{host}` for a deployment's own host name.
#[derive(Clone, Debug)]
pub struct PublicUrl {
    template: String,
    domain: String,
}

impl PublicUrl {
    /// From a template such as `http://{host}:3001/` and the serving domain.
    #[must_use]
    pub fn new(template: &str, domain: &str) -> Self {
        Self { template: template.trim_end_matches('/').to_owned(), domain: domain.to_owned() }
    }

    /// The address of a site with `{host}` for its host name.
    #[must_use]
    pub fn template(&self) -> &str {
        &self.template
    }

    /// The domain that deployments are served under.
    #[must_use]
    pub fn domain(&self) -> &str {
        &self.domain
    }

    /// The URL of a deployment. An id that is no host label is served in place on the bare domain.
    #[must_use]
    pub fn of(&self, id: &DeploymentId) -> String {
        if id.is_dns_label() {
            let host = format!("{id}.{}", self.domain);
            format!("{}/", self.template.replace("{host}", &host))
        } else {
            format!("{}/?id={id}", self.template.replace("{host}", &self.domain))
        }
    }
}

impl Records {
    /// The word of a deployment; `None` when nobody knows the id. While the index is being rebuilt the store is asked.
    pub async fn status(&self, id: &DeploymentId) -> Result<Option<DeploymentState>, RecordsError> {
        if let Some(state) = self.state.status(id).await? {
            return Ok(Some(state));
        }
        if !self.state.index_complete().await? {
            self.restore(id).await?;
        }
        // Asked again in any case: an index that is complete now may have been rebuilt since the first look.
        Ok(self.state.status(id).await?)
    }

    /// Everything known of a deployment; `None` when nobody knows the id, or it was deleted.
    pub async fn view(
        &self,
        id: &DeploymentId,
        urls: &PublicUrl,
    ) -> Result<Option<Deployment>, RecordsError> {
        let result_key = ObjectKey::Result(id.clone());
        let result = read_json::<ResultRecord>(&self.store, &result_key);
        // Asked together: a page of these is a page of waits otherwise.
        let (birth, result) = futures_util::try_join!(self.known_birth(id), result)?;
        let Some(birth) = birth else { return Ok(None) };
        let job = if result.is_some() { None } else { self.state.job(id).await? };
        let source_claim = match &result {
            Some(result) => result.source_claim,
            None => job.as_ref().and_then(|job| job.source_claim),
        };
        let stored = self.source_info(id, source_claim.unwrap_or(ClaimNumber::FIRST)).await?;
        let source = SourceView::new(birth.source.clone(), stored.as_ref());
        let view = unstarted(birth, source, urls.of(id));
        Ok(Some(match result {
            Some(result) => ended(view, result),
            None => job.into_iter().fold(view, unfinished),
        }))
    }

    /// The same and, while it waits for a build, how long it probably will. That looks at the queue, so it is for one
    /// deployment and not for pages of them.
    pub async fn detail(
        &self,
        id: &DeploymentId,
        urls: &PublicUrl,
    ) -> Result<Option<Deployment>, RecordsError> {
        let Some(view) = self.view(id, urls).await? else { return Ok(None) };
        if view.status != DeploymentState::Uploaded || view.queue_position.is_none() {
            return Ok(Some(view));
        }
        let wait = self.state.expected_wait(id).await?;
        let estimated_wait_ms = wait.and_then(|wait| u64::try_from(wait.as_millis()).ok());
        Ok(Some(Deployment { estimated_wait_ms, ..view }))
    }

    /// What is stored beside a snapshot.
    pub async fn source_info(
        &self,
        id: &DeploymentId,
        claim: ClaimNumber,
    ) -> Result<Option<SourceInfo>, RecordsError> {
        read_json(&self.store, &ObjectKey::SourceInfo { id: id.clone(), claim }).await
    }
}

fn unstarted(birth: Birth, source: SourceView, url: String) -> Deployment {
    Deployment {
        id: birth.id,
        status: DeploymentState::Uploading,
        phase: None,
        project: None,
        parent: birth.parent,
        url,
        source,
        plan: None,
        phases: Vec::new(),
        attempt: 0,
        queue_position: None,
        estimated_wait_ms: None,
        created_at: birth.created_at,
        ended_at: None,
        files: None,
        bytes: None,
        egress: None,
        failure: None,
    }
}

fn unfinished(view: Deployment, job: JobView) -> Deployment {
    Deployment {
        status: job.state,
        phase: Some(job.phase),
        plan: job.plan,
        phases: job.phases,
        attempt: job.attempt,
        queue_position: job.queue_position,
        ..view
    }
}

fn ended(view: Deployment, result: ResultRecord) -> Deployment {
    Deployment {
        status: result.state,
        plan: result.plan.map(Into::into),
        phases: result.phases,
        attempt: result.attempt,
        ended_at: Some(result.ended_at),
        files: result.published.as_ref().map(|published| published.files),
        bytes: result.published.as_ref().map(|published| published.bytes),
        egress: result.egress,
        failure: result.failure,
        ..view
    }
}
