//! Pages of deployments: the order is the state's, what is shown of each comes from store and state.

use crate::{PublicUrl, Records, RecordsError};
use shipstack_state::IndexQuery;
use shipstack_types::DeploymentList;

impl Records {
    /// A page, newest first. A deployment whose word changed while the page was read is left out of a page that was
    /// asked for by word; a deleted one never appears.
    pub async fn list(&self, query: &IndexQuery, urls: &PublicUrl) -> Result<DeploymentList, RecordsError> {
        let entries = self.state.list(query).await?;
        let is_full = entries.len() == query.most;
        let next_cursor = entries.last().filter(|_| is_full).map(ToString::to_string);
        let ids = entries.into_iter().map(|entry| entry.id).collect();
        let mut items = self.views(ids, urls).await?;
        items.retain(|item| query.status.is_none_or(|status| item.status == status));
        Ok(DeploymentList { items, next_cursor })
    }
}
