//! Watching a deployment to its end.

use std::time::Duration;

use reqwest::Method;
use shipstack_types::{Deployment, DeploymentId, LogLine};

use super::{Api, ApiError, Lines};

/// Between two tries, and between the end of the log and the end of the deployment.
const PAUSE: Duration = Duration::from_millis(300);
/// Tries in a row without a single line, about a minute: a service that restarts is back by then.
const TRIES: u32 = 200;

/// Hands each line of the log from `from` on to `line`, once and in order, whatever happens to the connection; answers
/// with the deployment once it has ended.
pub(crate) async fn follow(
    api: &Api,
    id: &DeploymentId,
    from: u64,
    mut line: impl FnMut(&LogLine),
) -> Result<Deployment, ApiError> {
    let (mut next, mut tries) = (from, 0);
    loop {
        let before = next;
        let outcome = read_on(api, id, &mut next, &mut line).await;
        tries = if next > before { 0 } else { tries + 1 };
        match outcome {
            Ok(Some(deployment)) => return Ok(deployment),
            Err(error) if !error.is_passing() || tries > TRIES => return Err(error),
            Ok(None) | Err(_) => tokio::time::sleep(PAUSE).await,
        }
    }
}

/// Reads the log from `next` until it ends or breaks; the deployment, if it has ended by then.
async fn read_on(
    api: &Api,
    id: &DeploymentId,
    next: &mut u64,
    line: &mut impl FnMut(&LogLine),
) -> Result<Option<Deployment>, ApiError> {
    let path = format!("/v1/deployments/{id}/logs?follow=true&from={next}");
    let request = api.request(Method::GET, &path).header("accept", "application/x-ndjson");
    let mut lines = Lines::of(api.send(request).await?);
    while let Some(read) = lines.next().await {
        let read = read.map_err(|error| api.unreachable(&error))?;
        if read.seq >= *next {
            line(&read);
            *next = read.seq + 1;
        }
    }
    let deployment = api.deployment(id).await?;
    Ok(deployment.status.is_terminal().then_some(deployment))
}
