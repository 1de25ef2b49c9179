//! `shipstack doctor`: what is needed, whether it is there, and what would fix it.

mod engine;
mod git;
mod network;
mod records;

use shipstack_http::Check;
use shipstack_settings::EverySetting;

use crate::Exit;
use crate::cli::AnswerAs;
use crate::console::{answer, answer_json};

pub(crate) async fn run(settings: &EverySetting, answer_as: AnswerAs) -> Exit {
    let mut checks = engine::checks(settings).await;
    checks.push(git::check().await);
    checks.extend(records::checks(settings).await);
    checks.extend(network::checks(settings));
    match answer_as {
        AnswerAs::Json => answer_json(&checks),
        AnswerAs::Text => checks.iter().for_each(|check| answer(&line(check))),
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
