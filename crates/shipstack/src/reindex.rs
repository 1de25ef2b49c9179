//! `shipstack reindex`: the index of Redis from the object store, by hand.

use anyhow::bail;
use serde_json::json;
use shipstack_records::Records;
use shipstack_settings::EverySetting;

use crate::Exit;
use crate::console::{AnswerAs, answer, answer_json};
use crate::local::{ensure_there, records_settings};

/// Safe while everything runs; what Redis already knows stays as it is.
pub(crate) async fn run(settings: &EverySetting, answer_as: AnswerAs) -> anyhow::Result<Exit> {
    if settings.state.redis_url.is_none() {
        bail!(
            "REDIS_URL is not set: `shipstack up` keeps its index in its own process and rebuilds it at every start"
        );
    }
    ensure_there(settings)?;
    let records = Records::connect(records_settings(settings)).await?;
    let count = records.reindex().await?;
    match answer_as {
        AnswerAs::Json => answer_json(&json!({ "deployments": count })),
        AnswerAs::Text => answer(&format!("{count} deployments are in the index")),
    }
    Ok(Exit::Done)
}
