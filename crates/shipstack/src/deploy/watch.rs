//! From an accepted deployment to the answer of the command, or to its end.

use std::cell::OnceCell;

use shipstack_types::{Deployment, DeploymentId, DeploymentState};
use tokio::signal::unix::{SignalKind, signal};

use crate::client::{Api, follow};
use crate::console::{AnswerAs, answer, answer_json, tell};
use crate::{Exit, terminal_text};

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
    Ok(follow(api, id, 1, |line| tell(&terminal_text::shown(&line.text))).await?)
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
