//! What is deployed and how it is built.

use clap::Args;
use serde_json::{Map, Value};

use super::egress::EgressArgs;
use crate::client::ClientArgs;

/// What is deployed.
#[derive(Args, Debug)]
pub(crate) struct DeployArgs {
    /// Address of a Git repository (https://…), a folder, or an archive (tar, tar.gz, tar.zst)
    pub(crate) source: String,

    /// Watch the build until it ends; Ctrl-C stops watching, not the build
    #[arg(long)]
    pub(crate) follow: bool,

    /// Branch, tag or commit, for a repository
    #[arg(long = "ref", value_name = "REF")]
    pub(crate) git_ref: Option<String>,

    /// End older deployments of the same repository, ref and folder that still wait, for a repository
    #[arg(long)]
    pub(crate) supersede: bool,

    /// Publish the folder or archive as it is, without a build
    #[arg(long)]
    pub(crate) prebuilt: bool,

    #[command(flatten)]
    pub(crate) build: BuildArgs,

    #[command(flatten)]
    pub(crate) client: ClientArgs,
}

/// What the build does differently from what is detected.
#[derive(Args, Debug)]
#[command(next_help_heading = "Build")]
pub(crate) struct BuildArgs {
    /// Folder of the source to build
    #[arg(long, value_name = "FOLDER")]
    directory: Option<String>,

    /// Command that installs the dependencies
    #[arg(long, value_name = "COMMAND")]
    install: Option<String>,

    /// Command that builds the site
    #[arg(long, value_name = "COMMAND")]
    command: Option<String>,

    /// Folder that the build leaves the site in
    #[arg(long, value_name = "FOLDER")]
    output: Option<String>,

    /// Major version of Node
    #[arg(long, value_name = "VERSION")]
    node: Option<String>,

    /// Variable of the build; may be given again
    #[arg(long = "env", value_name = "NAME=VALUE", value_parser = variable)]
    env: Vec<(String, String)>,

    #[command(flatten)]
    egress: EgressArgs,
}

impl BuildArgs {
    fn options(&self) -> impl Iterator<Item = (&'static str, &String)> {
        let options = [
            ("directory", &self.directory),
            ("install", &self.install),
            ("command", &self.command),
            ("output", &self.output),
            ("node", &self.node),
        ];
        options.into_iter().filter_map(|(name, value)| Some((name, value.as_ref()?)))
    }

    /// As `build` of a JSON request.
    pub(crate) fn as_json(&self) -> Value {
        let mut build: Map<String, Value> =
            self.options().map(|(name, value)| (name.to_owned(), value.as_str().into())).collect();
        if !self.env.is_empty() {
            let env: Map<String, Value> =
                self.env.iter().map(|(name, value)| (name.clone(), value.as_str().into())).collect();
            build.insert("env".to_owned(), env.into());
        }
        let egress = self.egress.as_json();
        if !egress.is_empty() {
            build.insert("egress".to_owned(), egress.into());
        }
        build.into()
    }

    /// As the query of an upload.
    pub(crate) fn as_query(&self) -> Vec<(String, String)> {
        let options = self.options().map(|(name, value)| (name.to_owned(), value.clone()));
        let env = self.env.iter().map(|(name, value)| (format!("env.{name}"), value.clone()));
        options.chain(env).chain(self.egress.as_query()).collect()
    }
}

fn variable(text: &str) -> Result<(String, String), String> {
    let (name, value) = text.split_once('=').ok_or("it has to be NAME=VALUE")?;
    Ok((name.to_owned(), value.to_owned()))
}
