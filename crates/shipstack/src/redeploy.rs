//! `shipstack redeploy`: a new deployment from the same source.

use clap::Args;

use crate::Exit;
use crate::client::{Api, OneArgs};
use crate::console::AnswerAs;
use crate::deploy::{Watch, see_through};

/// Which source, and whether to watch.
#[derive(Args, Debug)]
pub(crate) struct RedeployArgs {
    #[command(flatten)]
    one: OneArgs,

    /// Watch the build until it ends; Ctrl-C stops watching, not the build
    #[arg(long)]
    follow: bool,
}

pub(crate) async fn run(args: &RedeployArgs, answer_as: AnswerAs) -> anyhow::Result<Exit> {
    let api = Api::new(&args.one.client)?;
    let accepted = async { Ok(api.act(&args.one.id, "redeploy").await?) };
    see_through(&api, accepted, Watch::when(args.follow), answer_as).await
}
