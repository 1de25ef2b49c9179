//! `shipstack verify`: whether store and Redis hold what was promised, and nothing is stuck between them.

use clap::Args;
use serde_json::json;
use shipstack_records::{Compare, Depth, Finding, Records};
use shipstack_settings::EverySetting;

use crate::Exit;
use crate::console::{AnswerAs, answer, answer_json};
use crate::local::{ensure_there, records_settings};
use crate::terminal_text::shown;

/// How closely.
#[derive(Args, Debug)]
pub(crate) struct VerifyArgs {
    /// Read every file and compare its digest, and every log for holes; without, that each is there and files have their size
    #[arg(long)]
    digests: bool,

    #[command(flatten)]
    settings: Box<EverySetting>,
}

/// Exits with 1 when something is not as promised. Reads only; nothing is repaired.
pub(crate) async fn run(args: &VerifyArgs, answer_as: AnswerAs) -> anyhow::Result<Exit> {
    let settings = &args.settings;
    ensure_there(settings)?;
    let records = Records::connect_any(records_settings(settings)).await?;
    let depth = if args.digests { Depth::Digests } else { Depth::Sizes };
    let compare = match settings.state.redis_url {
        Some(_) => Compare::WithState,
        None => Compare::StoreAlone,
    };
    let verified = records.verify(depth, compare, |finding| show(&finding, answer_as)).await?;
    match answer_as {
        AnswerAs::Json => answer_json(&json!({ "verified": verified })),
        AnswerAs::Text => answer(&format!(
            "{} deployments, {} files: {}",
            verified.deployments,
            verified.artifacts,
            if verified.findings == 0 {
                "all as promised".to_owned()
            } else {
                format!("{} findings", verified.findings)
            }
        )),
    }
    Ok(if verified.findings == 0 { Exit::Done } else { Exit::Failed })
}

fn show(finding: &Finding, answer_as: AnswerAs) {
    match answer_as {
        AnswerAs::Json => answer_json(finding),
        AnswerAs::Text => answer(&format!("{}: {}", finding.id, shown(&finding.what))),
    }
}
