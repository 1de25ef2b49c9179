//! Waiting for a service to say that it is ready.

use std::time::Duration;

use anyhow::{Context as _, Result};

/// A start on a busy machine, with an index to rebuild.
const PATIENCE: Duration = Duration::from_mins(2);
const POLL: Duration = Duration::from_millis(20);

/// Asks `/readyz` of this base address until the answer is good.
pub(crate) async fn until_ready(base: &str) -> Result<()> {
    let client = reqwest::Client::builder().no_proxy().build()?;
    let url = format!("{base}/readyz");
    let ask = async {
        while !client.get(&url).send().await.is_ok_and(|answer| answer.status().is_success()) {
            tokio::time::sleep(POLL).await;
        }
    };
    tokio::time::timeout(PATIENCE, ask).await.with_context(|| format!("{base} does not become ready"))
}
