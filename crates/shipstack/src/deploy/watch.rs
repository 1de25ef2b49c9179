//! From an accepted deployment to the answer of the command, or to its end.

use std::cell::OnceCell;
use std::convert::Infallible;
use std::time::Duration;

use shipstack_types::{Deployment, DeploymentId, DeploymentState};
use tokio::signal::unix::{SignalKind, signal};

use crate::client::{Api, follow, nobody_builds};
use crate::console::{AnswerAs, answer, answer_json, tell};
use crate::{Exit, describe, terminal_text};

/// How often the place in the queue is asked for: what is taken at once has none to tell.
const LOOK_EVERY: Duration = Duration::from_secs(2);

/// How long a command stays.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Watch {
    /// Until it is accepted.
    No,
    /// Until it has ended, with its log on standard error.
    ToTheEnd,
}

impl Watch {
    pub(crate) fn when(follow: bool) -> Self {
        if follow { Self::ToTheEnd } else { Self::No }
    }
}

/// Has a deployment accepted and, when asked to, watches it to its end. Ctrl-C stops watching, not the build.
pub(crate) async fn see_through(
    api: &Api,
    accepting: impl Future<Output = anyhow::Result<Deployment>>,
    watch: Watch,
    answer_as: AnswerAs,
) -> anyhow::Result<Exit> {
    let mut interrupt = signal(SignalKind::interrupt())?;
    let accepted = OnceCell::new();
    tokio::select! {
        deployment = accept_and_watch(api, accepting, watch, &accepted) => Ok(finish(&deployment?, watch, answer_as)),
        _ = interrupt.recv() => {
            tell(&match accepted.get() {
                Some(id) => format!("no longer watching; the build goes on: shipstack status {id}"),
                None => "stopped before it was accepted".to_owned(),
            });
            Ok(Exit::Interrupted)
        }
    }
}

async fn accept_and_watch(
    api: &Api,
    accepting: impl Future<Output = anyhow::Result<Deployment>>,
    watch: Watch,
    accepted: &OnceCell<DeploymentId>,
) -> anyhow::Result<Deployment> {
    let deployment = accepting.await?;
    let id = accepted.get_or_init(|| deployment.id.clone());
    if watch == Watch::No {
        tell(&format!("{id} is accepted; see how it goes with: shipstack logs -f {id}"));
        return Ok(deployment);
    }
    tell(&format!("{id} is accepted"));
    tokio::select! {
        ended = follow(api, id, 1, |line| tell(&terminal_text::shown(&line.text))) => Ok(ended?),
        never = tell_places(api, id) => match never {},
    }
}

/// Says what the log does not, beside it, for ever: where the deployment stands in the queue whenever that has changed, and
/// once when there is nobody who would take it.
async fn tell_places(api: &Api, id: &DeploymentId) -> Infallible {
    let (mut told, mut warned) = (None, false);
    loop {
        tokio::time::sleep(LOOK_EVERY).await;
        // Whoever follows the log says what is wrong with the connection.
        let Ok(deployment) = api.deployment(id).await else { continue };
        if !matches!(deployment.status, DeploymentState::Uploading | DeploymentState::Uploaded) {
            return std::future::pending().await;
        }
        let place = (deployment.status, deployment.queue_position);
        if let (Some(words), true) = (describe::place(&deployment), told != Some(place)) {
            tell(&words);
            told = Some(place);
        }
        // Said once: whoever mends it sees the build begin.
        if !warned && let Ok(Some(words)) = nobody_builds(api, &deployment).await {
            tell(&words);
            warned = true;
        }
    }
}

/// Answers; a deployment that failed has no URL worth printing. Why it failed stands at the end of a log that was watched.
fn finish(deployment: &Deployment, watch: Watch, answer_as: AnswerAs) -> Exit {
    let over_without_site = matches!(deployment.status, DeploymentState::Failed | DeploymentState::Cancelled);
    match answer_as {
        AnswerAs::Json => answer_json(deployment),
        AnswerAs::Text if !over_without_site => answer(&deployment.url),
        AnswerAs::Text => {}
    }
    if !over_without_site {
        return Exit::Done;
    }
    match &deployment.failure {
        Some(failure) if watch == Watch::No => tell(&format!(
            "{} is {}: {}",
            deployment.id,
            deployment.status,
            terminal_text::sentences(&failure.message, &failure.remedy)
        )),
        _ => tell(&format!("{} is {}", deployment.id, deployment.status)),
    }
    Exit::Failed
}
