//! `shipstack status`.

use shipstack_types::Deployment;

use crate::cli::AnswerAs;
use crate::client::{Api, OneArgs};
use crate::console::{answer, answer_json};
use crate::{Exit, terminal_text};

pub(crate) async fn run(args: &OneArgs, answer_as: AnswerAs) -> anyhow::Result<Exit> {
    let deployment = Api::new(&args.client)?.deployment(&args.id).await?;
    show(&deployment, answer_as);
    Ok(Exit::Done)
}

/// A deployment as the answer of a command.
pub(crate) fn show(deployment: &Deployment, answer_as: AnswerAs) {
    match answer_as {
        AnswerAs::Json => answer_json(deployment),
        AnswerAs::Text => describe(deployment).iter().for_each(|line| answer(line)),
    }
}

fn describe(deployment: &Deployment) -> Vec<String> {
    let mut lines = vec![
        format!("{:<10} {}", "status", standing(deployment)),
        format!("{:<10} {}", "url", deployment.url),
    ];
    let source = deployment.source.commit.as_ref().map(|commit| format!("commit {commit}"));
    lines.extend(source.map(|source| format!("{:<10} {source}", "source")));
    lines.push(format!("{:<10} {}", "created", deployment.created_at));
    lines.extend(deployment.ended_at.map(|ended| format!("{:<10} {ended}", "ended")));
    lines.extend(deployment.files.zip(deployment.bytes).map(|(files, bytes)| {
        format!("{:<10} {}, {bytes} bytes", "site", terminal_text::counted(files, "file"))
    }));
    if let Some(failure) = &deployment.failure {
        lines.push(format!("{:<10} {}: {}", "failure", failure.code, terminal_text::shown(&failure.message)));
        lines.push(format!("{:<10} {}", "remedy", terminal_text::shown(&failure.remedy)));
    }
    lines
}

fn standing(deployment: &Deployment) -> String {
    let phase = deployment.phase.map(|phase| format!(", {phase}")).unwrap_or_default();
    let place =
        deployment.queue_position.map(|place| format!(", number {place} in the queue")).unwrap_or_default();
    format!("{}{phase}{place}", deployment.status)
}
