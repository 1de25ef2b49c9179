//! `shipstack ls`.

use std::io::IsTerminal as _;

use clap::Args;
use reqwest::Method;
use serde::Deserialize;
use shipstack_types::{Clock as _, Deployment, DeploymentState, SystemClock};

use crate::Exit;
use crate::client::{Api, ClientArgs};
use crate::console::{AnswerAs, answer, answer_json, tell};
use crate::describe::{age, source};

/// Most that the API gives at once.
const PAGE: usize = 100;

/// Which ones.
#[derive(Args, Debug)]
pub(crate) struct LsArgs {
    /// Only those that stand so: uploading, uploaded, building, deployed, failed, cancelled
    #[arg(long, value_name = "STATUS")]
    status: Option<DeploymentState>,

    /// How many, the newest first
    #[arg(long, short = 'n', default_value_t = 20, value_name = "N")]
    limit: usize,

    #[command(flatten)]
    client: ClientArgs,
}

/// A page of the list.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Page {
    items: Vec<Deployment>,
    next_cursor: Option<String>,
}

pub(crate) async fn run(args: &LsArgs, answer_as: AnswerAs) -> anyhow::Result<Exit> {
    let api = Api::new(&args.client)?;
    let mut cursor: Option<String> = None;
    let mut left = args.limit;
    let mut shown = 0;
    while left > 0 {
        let page: Page = api.ask(api.request(Method::GET, &path(args, left, cursor.as_deref()))).await?;
        if shown == 0 {
            page.items.first().into_iter().for_each(|first| head(first, answer_as));
        }
        page.items.iter().for_each(|deployment| show(deployment, answer_as));
        shown += page.items.len();
        left = left.saturating_sub(page.items.len());
        cursor = page.next_cursor;
        if cursor.is_none() {
            break;
        }
    }
    if shown == 0 && args.limit > 0 {
        tell("no deployments; make one with: shipstack deploy <folder or Git URL>");
    }
    Ok(Exit::Done)
}

fn path(args: &LsArgs, left: usize, cursor: Option<&str>) -> String {
    let mut query = url::form_urlencoded::Serializer::new(String::new());
    query.append_pair("limit", &left.min(PAGE).to_string());
    for (name, value) in [("status", args.status.map(DeploymentState::as_str)), ("cursor", cursor)] {
        query.extend_pairs(value.map(|value| (name, value)));
    }
    format!("/v1/deployments?{}", query.finish())
}

/// Above the list for a person; a script gets lines that all mean the same.
fn head(first: &Deployment, answer_as: AnswerAs) {
    if answer_as == AnswerAs::Text && std::io::stdout().is_terminal() {
        let width = first.url.chars().count();
        answer(&format!("{:<16}  {:<9}  {:>5}  {:<width$}  SOURCE", "ID", "STATUS", "AGE", "URL"));
    }
}

/// One line each: with `--json` an object, so that `jq` and `head` work on what has come so far.
fn show(deployment: &Deployment, answer_as: AnswerAs) {
    if answer_as == AnswerAs::Json {
        return answer_json(deployment);
    }
    let age = age(SystemClock.now().since(deployment.created_at));
    let status = deployment.status.as_str();
    answer(&format!(
        "{:<16}  {status:<9}  {age:>5}  {}  {}",
        deployment.id,
        deployment.url,
        source(deployment)
    ));
}
