//! `shipstack ls`.

use clap::Args;
use reqwest::Method;
use serde::Deserialize;
use shipstack_types::{Clock as _, Deployment, DeploymentState, SourceRequest, SystemClock, Timestamp};

use crate::Exit;
use crate::cli::AnswerAs;
use crate::client::{Api, ClientArgs};
use crate::console::{answer, answer_json, tell};

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

/// One line each: with `--json` an object, so that `jq` and `head` work on what has come so far.
fn show(deployment: &Deployment, answer_as: AnswerAs) {
    if answer_as == AnswerAs::Json {
        return answer_json(deployment);
    }
    let age = age(deployment.created_at);
    let status = deployment.status.as_str();
    answer(&format!(
        "{:<16}  {status:<9}  {age:>5}  {}  {}",
        deployment.id,
        deployment.url,
        source(deployment)
    ));
}

fn age(since: Timestamp) -> String {
    let seconds = SystemClock.now().since(since).as_secs();
    match seconds {
        0..60 => format!("{seconds}s"),
        60..3600 => format!("{}m", seconds / 60),
        3600..86_400 => format!("{}h", seconds / 3600),
        _ => format!("{}d", seconds / 86_400),
    }
}

fn source(deployment: &Deployment) -> String {
    match &deployment.source.request {
        SourceRequest::Git { url, .. } => url.to_string(),
        SourceRequest::Archive { prebuilt: true } => "prebuilt".to_owned(),
        SourceRequest::Archive { .. } => "archive".to_owned(),
        SourceRequest::Adopted => "adopted".to_owned(),
    }
}
