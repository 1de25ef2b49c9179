//! `shipstack deploy`.

mod args;
mod egress;
mod pack;
mod upload;
mod watch;

use std::path::Path;

use anyhow::{Context as _, anyhow, bail};
use reqwest::Method;
use serde_json::json;
use shipstack_types::{Deployment, SourceName};

use crate::Exit;
use crate::client::Api;
use crate::console::{AnswerAs, tell};
use crate::exit::Usage;
pub(crate) use args::{BuildArgs, DeployArgs};
pub(crate) use pack::{Contents, Packed, pack};
pub(crate) use watch::{Watch, see_through};

/// What can be deployed.
const TAKEN: &str = "give a folder, an archive (.tar, .tar.gz, .tgz or .tar.zst) or a Git URL (https://…)";

pub(crate) async fn run(args: &DeployArgs, answer_as: AnswerAs) -> anyhow::Result<Exit> {
    let api = Api::new(&args.client)?;
    let accepted = async {
        if args.source.contains("://") { from_git(&api, args).await } else { from_disk(&api, args).await }
    };
    see_through(&api, accepted, Watch::when(args.follow), answer_as).await
}

async fn from_git(api: &Api, args: &DeployArgs) -> anyhow::Result<Deployment> {
    if args.prebuilt {
        return Err(Usage::wrong(
            "--prebuilt publishes a folder or an archive as it is; a repository is always built",
        ));
    }
    let mut body =
        json!({ "git": { "url": args.source, "ref": args.git_ref }, "build": args.build.as_json() });
    if args.supersede {
        // Left out otherwise: a server from before does not know it and would refuse.
        body.as_object_mut().map(|body| body.insert("supersede".to_owned(), true.into()));
    }
    Ok(api.ask(api.request(Method::POST, "/v1/deployments").json(&body)).await?)
}

async fn from_disk(api: &Api, args: &DeployArgs) -> anyhow::Result<Deployment> {
    if args.git_ref.is_some() {
        return Err(Usage::wrong(
            "--ref chooses a branch, tag or commit of a repository; what is on disk is deployed as it is",
        ));
    }
    if args.supersede {
        return Err(Usage::wrong(
            "--supersede is for a repository; what is on disk has no branch that a newer one could be of",
        ));
    }
    let packed = packed(args).await?;
    tell(&format!("uploading {}, {} bytes packed", packed.contents(), packed.bytes));
    let mut query = args.build.as_query();
    query.extend(args.prebuilt.then(|| ("prebuilt".to_owned(), "true".to_owned())));
    query.extend(name_of(&args.source).map(|name| ("name".to_owned(), name.into())));
    let query = url::form_urlencoded::Serializer::new(String::new()).extend_pairs(query).finish();
    let path = format!("/v1/deployments?{query}");
    // The first bytes say which kind of archive it is.
    let request = api.request(Method::POST, &path).header("content-type", "application/octet-stream");
    Ok(api.ask(request.header("content-length", packed.bytes).body(upload::body(packed))).await?)
}

/// What the folder or archive is called, so that deployments can be told apart; `.` has a name too.
fn name_of(source: &str) -> Option<SourceName> {
    let path = Path::new(source).canonicalize().ok()?;
    SourceName::of(&path.file_name()?.to_string_lossy())
}

/// The folder as an archive, or the archive itself.
async fn packed(args: &DeployArgs) -> anyhow::Result<Packed> {
    let path = Path::new(&args.source);
    if path.is_file() {
        let archive = Packed::archive(path).with_context(|| format!("cannot read {}", path.display()))?;
        return archive.ok_or_else(|| anyhow!("{} is no archive; {TAKEN}", path.display()));
    }
    if !path.is_dir() {
        let what = if path.exists() { "cannot be deployed" } else { "does not exist" };
        bail!("{} {what}; {}", args.source, hint(&args.source));
    }
    let what = if args.prebuilt { Contents::Site } else { Contents::Source };
    let packed =
        pack(path.to_owned(), what).await.with_context(|| format!("cannot pack {}", path.display()))?;
    if packed.is_empty() {
        bail!(
            "there is nothing to deploy in {}; what .gitignore and .shipstackignore name is left out",
            path.display()
        );
    }
    Ok(packed)
}

/// What to give instead; Git hosts offer an address in another form first.
fn hint(source: &str) -> String {
    let ssh = source.strip_prefix("git@").and_then(|rest| rest.split_once(':'));
    ssh.map_or_else(|| TAKEN.to_owned(), |(host, path)| format!("did you mean https://{host}/{path}?"))
}
