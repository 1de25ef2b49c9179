//! `shipstack rm`.

use std::io::{BufRead as _, IsTerminal as _};

use anyhow::bail;
use clap::Args;
use reqwest::Method;
use serde_json::json;
use shipstack_types::DeploymentId;

use crate::Exit;
use crate::client::{Api, ClientArgs};
use crate::complaint::Complaint;
use crate::console::{AnswerAs, answer, answer_json, tell};

/// What is deleted.
#[derive(Args, Debug)]
pub(crate) struct RmArgs {
    /// Ids of the deployments
    #[arg(required = true)]
    ids: Vec<DeploymentId>,

    /// Do not ask
    #[arg(long, short)]
    yes: bool,

    #[command(flatten)]
    client: ClientArgs,
}

/// Deletes deployments, which cannot be undone: a person is asked, a script says `--yes`.
pub(crate) async fn run(args: &RmArgs, answer_as: AnswerAs) -> anyhow::Result<Exit> {
    if !args.yes && !agreed(args.ids.len())? {
        tell("nothing was deleted");
        return Ok(Exit::Failed);
    }
    let api = Api::new(&args.client)?;
    let mut exit = Exit::Done;
    for id in &args.ids {
        // One that cannot be deleted says nothing about the next.
        if let Err(error) = api.send(api.request(Method::DELETE, &format!("/v1/deployments/{id}"))).await {
            if answer_as == AnswerAs::Json {
                answer_json(&json!({ "id": id, "deleted": false, "error": Complaint::from(&error) }));
            }
            tell(&format!("{id}: {error}"));
            exit = Exit::Failed;
            continue;
        }
        match answer_as {
            AnswerAs::Json => answer_json(&json!({ "id": id, "deleted": true })),
            AnswerAs::Text => answer(id.as_str()),
        }
    }
    Ok(exit)
}

fn agreed(count: usize) -> anyhow::Result<bool> {
    if !std::io::stdin().is_terminal() {
        bail!("deleting cannot be undone; say --yes where nobody can be asked");
    }
    let what = if count == 1 {
        "this deployment and its site".to_owned()
    } else {
        format!("{count} deployments and their sites")
    };
    tell(&format!("Delete {what} for ever? [y/N]"));
    let mut line = String::new();
    std::io::stdin().lock().read_line(&mut line)?;
    Ok(matches!(line.trim(), "y" | "Y" | "yes"))
}
