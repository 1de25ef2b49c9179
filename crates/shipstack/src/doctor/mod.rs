//! `shipstack doctor`: what runs, what is needed, whether it is there, and what would fix it.

mod disk;
mod engine;
mod git;
mod names;
mod network;
mod records;
mod running;

use clap::Args;
use shipstack_http::Check;
use shipstack_settings::EverySetting;
use url::Url;

use crate::Exit;
use crate::console::{AnswerAs, answer, answer_json};
use crate::terminal_text::shown;

/// What is looked at.
#[derive(Args, Debug)]
pub(crate) struct DoctorArgs {
    /// Address of the API to ask how it and its workers are; by default that of this folder's server
    #[arg(long, env = "SHIPSTACK_API_URL", value_name = "URL")]
    api: Option<Url>,

    #[command(flatten)]
    settings: Box<EverySetting>,
}

pub(crate) async fn run(args: &DoctorArgs, answer_as: AnswerAs) -> Exit {
    let settings = &args.settings;
    let running = running::ask(args.api.as_ref(), settings).await;
    let mut checks = running.checks;
    if !running.skips_engine {
        checks.extend(engine::checks(settings).await);
    }
    checks.push(git::check().await);
    checks.extend(records::checks(settings).await);
    checks.extend(network::checks(settings, running.api));
    checks.push(names::check(settings).await);
    match answer_as {
        AnswerAs::Json => answer_json(&checks),
        AnswerAs::Text => checks.iter().for_each(|check| answer(&shown(&line(check)))),
    }
    if checks.iter().all(|check| check.ok) { Exit::Done } else { Exit::Failed }
}

/// A remedy beside something that works is advice.
fn line(check: &Check) -> String {
    let mark = match (&check.remedy, check.ok) {
        (_, false) => "BROKEN",
        (Some(_), true) => "advice",
        (None, true) => "ok",
    };
    let remedy = check.remedy.as_ref().map(|remedy| format!(" → {remedy}")).unwrap_or_default();
    format!("{mark:<7} {:<14} {}{remedy}", check.name, check.detail)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_broken_names_its_fix() {
        assert_eq!(line(&Check::ok("git", "2.47.3")), "ok      git            2.47.3");
        let broken = line(&Check::broken("docker", "no answer", "Start Docker."));
        assert_eq!(broken, "BROKEN  docker         no answer → Start Docker.");
    }
}
