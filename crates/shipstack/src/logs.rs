//! `shipstack logs`: the log is the answer, on standard output.

use clap::Args;
use reqwest::Method;
use shipstack_types::LogLine;
use tokio::signal::unix::{SignalKind, signal};

use crate::client::{Api, Lines, OneArgs, follow};
use crate::console::{AnswerAs, answer, answer_json, tell};
use crate::{Exit, terminal_text};

/// Which log, and how much of it.
#[derive(Args, Debug)]
pub(crate) struct LogsArgs {
    #[command(flatten)]
    one: OneArgs,

    /// Go on with what comes, until the deployment ends
    #[arg(long, short)]
    follow: bool,

    /// Number of the first line
    #[arg(long, default_value_t = 1, value_name = "N")]
    from: u64,
}

/// Exits with 1 when a log that was followed ends in a failure.
pub(crate) async fn run(args: &LogsArgs, answer_as: AnswerAs) -> anyhow::Result<Exit> {
    let mut interrupt = signal(SignalKind::interrupt())?;
    tokio::select! {
        exit = read(args, answer_as) => exit,
        _ = interrupt.recv() => Ok(Exit::Interrupted),
    }
}

async fn read(args: &LogsArgs, answer_as: AnswerAs) -> anyhow::Result<Exit> {
    let api = Api::new(&args.one.client)?;
    let id = &args.one.id;
    if !args.follow {
        let path = format!("/v1/deployments/{id}/logs?from={}", args.from);
        let request = api.request(Method::GET, &path).header("accept", "application/x-ndjson");
        let mut lines = Lines::of(api.send(request).await?);
        while let Some(line) = lines.next().await {
            show(&line.map_err(|error| api.unreachable(&error))?, answer_as);
        }
        return Ok(Exit::Done);
    }
    let ended = follow(&api, id, args.from, |line| show(line, answer_as)).await?;
    tell(&format!("{id} is {}", ended.status));
    Ok(if ended.failure.is_some() { Exit::Failed } else { Exit::Done })
}

fn show(line: &LogLine, answer_as: AnswerAs) {
    match answer_as {
        AnswerAs::Json => answer_json(line),
        AnswerAs::Text => answer(&terminal_text::shown(&line.text)),
    }
}
