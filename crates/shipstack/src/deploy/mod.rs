//! `shipstack deploy`.

mod args;
mod pack;

use std::cell::OnceCell;
use std::path::Path;

use anyhow::{Context as _, bail};
use reqwest::Method;
use serde_json::json;
use shipstack_types::{Deployment, DeploymentId, DeploymentState};
use tokio::signal::unix::{SignalKind, signal};

use crate::cli::AnswerAs;
use crate::client::{Api, follow};
use crate::console::{answer, answer_json, tell};
use crate::{Exit, terminal_text};
pub(crate) use args::DeployArgs;

pub(crate) async fn run(args: &DeployArgs, answer_as: AnswerAs) -> anyhow::Result<Exit> {
    let mut interrupt = signal(SignalKind::interrupt())?;
    let accepted = OnceCell::new();
    tokio::select! {
        exit = deploy(args, answer_as, &accepted) => exit,
        _ = interrupt.recv() => {
            tell(&match accepted.get() {
                Some(id) => format!("no longer watching; the build goes on: shipstack status {id}"),
                None => "stopped before it was accepted".to_owned(),
            });
            Ok(Exit::Interrupted)
        }
    }
}

async fn deploy(
    args: &DeployArgs,
    answer_as: AnswerAs,
    accepted: &OnceCell<DeploymentId>,
) -> anyhow::Result<Exit> {
    let api = Api::new(&args.client)?;
    let is_url = args.source.contains("://");
    let deployment = if is_url { from_git(&api, args).await? } else { from_folder(&api, args).await? };
    let id = accepted.get_or_init(|| deployment.id.clone());
    if !args.follow {
        tell(&format!("{id} is accepted; see how it goes with: shipstack status {id}"));
        return Ok(finish(&deployment, answer_as));
    }
    tell(&format!("{id} is accepted"));
    let ended = follow(&api, id, |line| tell(&terminal_text::shown(&line.text))).await?;
    Ok(finish(&ended, answer_as))
}

async fn from_git(api: &Api, args: &DeployArgs) -> anyhow::Result<Deployment> {
    if args.prebuilt {
        bail!("--prebuilt publishes a folder as it is; a repository is always built");
    }
    let body = json!({ "git": { "url": args.source, "ref": args.git_ref }, "build": args.build.as_json() });
    Ok(api.ask(api.request(Method::POST, "/v1/deployments").json(&body)).await?)
}

async fn from_folder(api: &Api, args: &DeployArgs) -> anyhow::Result<Deployment> {
    if args.git_ref.is_some() {
        bail!("--ref chooses a branch, tag or commit of a repository; a folder is deployed as it is");
    }
    let folder = Path::new(&args.source);
    if !folder.is_dir() {
        bail!("{} is neither a Git URL (https://…) nor a folder", args.source);
    }
    let packed =
        pack::pack(folder.to_owned()).await.with_context(|| format!("cannot pack {}", folder.display()))?;
    tell(&format!("uploading {} files, {} bytes packed", packed.files, packed.bytes));
    let mut query = args.build.as_query();
    query.extend(args.prebuilt.then(|| ("prebuilt".to_owned(), "true".to_owned())));
    let query = url::form_urlencoded::Serializer::new(String::new()).extend_pairs(query).finish();
    let path = format!("/v1/deployments?{query}");
    let request = api.request(Method::POST, &path).header("content-type", "application/gzip");
    Ok(api.ask(request.header("content-length", packed.bytes).body(packed.into_body())).await?)
}

/// Answers; a deployment that failed has no URL worth printing.
fn finish(deployment: &Deployment, answer_as: AnswerAs) -> Exit {
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
        Some(failure) => tell(&format!(
            "{} is {}: {} {}",
            deployment.id,
            deployment.status,
            terminal_text::shown(&failure.message),
            terminal_text::shown(&failure.remedy)
        )),
        None => tell(&format!("{} is {}", deployment.id, deployment.status)),
    }
    Exit::Failed
}
