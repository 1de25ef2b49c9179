//! `shipstack open`: the site in a browser.

use std::process::Stdio;

use tokio::process::Command;

use crate::Exit;
use crate::client::{Api, OneArgs};
use crate::console::{AnswerAs, answer, answer_json, tell};

/// What opens an address, by system.
const OPENER: &str = if cfg!(target_os = "macos") { "open" } else { "xdg-open" };

/// Opens the site. Its address is the answer, so that it is there where no browser is.
pub(crate) async fn run(args: &OneArgs, answer_as: AnswerAs) -> anyhow::Result<Exit> {
    let deployment = Api::new(&args.client)?.deployment(&args.id).await?;
    match answer_as {
        AnswerAs::Json => answer_json(&serde_json::json!({ "id": deployment.id, "url": deployment.url })),
        AnswerAs::Text => answer(&deployment.url),
    }
    if !opened(&deployment.url).await {
        tell(&format!("no browser could be started ({OPENER}); open the address by hand"));
    }
    Ok(Exit::Done)
}

async fn opened(url: &str) -> bool {
    let mut opener = Command::new(OPENER);
    opener.arg(url).stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
    opener.status().await.is_ok_and(|status| status.success())
}
