//! `shipstack deploy`.

mod args;
mod pack;
mod upload;
mod watch;

use std::path::Path;

use anyhow::{Context as _, bail};
use reqwest::Method;
use serde_json::json;
use shipstack_types::Deployment;

use crate::Exit;
use crate::cli::AnswerAs;
use crate::client::Api;
use crate::console::tell;
pub(crate) use args::{BuildArgs, DeployArgs};
pub(crate) use pack::{Contents, pack};
pub(crate) use watch::{Watch, see_through};

pub(crate) async fn run(args: &DeployArgs, answer_as: AnswerAs) -> anyhow::Result<Exit> {
    let api = Api::new(&args.client)?;
    let accepted = async {
        if args.source.contains("://") { from_git(&api, args).await } else { from_folder(&api, args).await }
    };
    see_through(&api, accepted, Watch::when(args.follow), answer_as).await
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
    let what = if args.prebuilt { Contents::Site } else { Contents::Source };
    let packed = pack(folder.to_owned(), what).await;
    let packed = packed.with_context(|| format!("cannot pack {}", folder.display()))?;
    tell(&format!("uploading {} files, {} bytes packed", packed.files, packed.bytes));
    let mut query = args.build.as_query();
    query.extend(args.prebuilt.then(|| ("prebuilt".to_owned(), "true".to_owned())));
    let query = url::form_urlencoded::Serializer::new(String::new()).extend_pairs(query).finish();
    let path = format!("/v1/deployments?{query}");
    let request = api.request(Method::POST, &path).header("content-type", "application/gzip");
    Ok(api.ask(request.header("content-length", packed.bytes).body(upload::body(packed))).await?)
}
