//! A deployment in words, as `ls` and `status` say them.

use std::time::Duration;

use shipstack_types::{Clock as _, Deployment, DeploymentState, SourceRequest, SystemClock};

use crate::receipt::network;
use crate::terminal_text::{counted, shown};

/// What it was made of, so that it can be told from others: the repository, or what the folder was called.
pub(crate) fn source(deployment: &Deployment) -> String {
    let words = match &deployment.source.request {
        SourceRequest::Git { url, git_ref: None } => url.to_string(),
        SourceRequest::Git { url, git_ref: Some(git_ref) } => format!("{url} {git_ref}"),
        SourceRequest::Archive { prebuilt, name } => {
            let name = name.as_ref().map_or("archive", |name| name.as_str());
            format!("{name}{}", if *prebuilt { " (prebuilt)" } else { "" })
        }
        SourceRequest::Adopted => "adopted".to_owned(),
    };
    shown(&words)
}

/// How long ago, in one number.
pub(crate) fn age(age: Duration) -> String {
    let seconds = age.as_secs();
    match seconds {
        0..60 => format!("{seconds}s"),
        60..3600 => format!("{}m", seconds / 60),
        3600..86_400 => format!("{}h", seconds / 3600),
        _ => format!("{}d", seconds / 86_400),
    }
}

/// Everything that matters of one, a line each.
pub(crate) fn lines(deployment: &Deployment) -> Vec<String> {
    let mut lines = vec![("status", standing(deployment))];
    if deployment.failure.is_none() && deployment.status != DeploymentState::Cancelled {
        lines.push(("url", deployment.url.clone()));
    }
    lines.push(("source", source(deployment)));
    lines.extend(deployment.source.commit.as_ref().map(|commit| ("commit", commit.clone())));
    lines.extend((deployment.attempt > 1).then(|| ("attempts", deployment.attempt.to_string())));
    lines.push(("took", took(deployment)));
    lines.push(("created", deployment.created_at.to_string()));
    lines.extend(deployment.ended_at.map(|ended| ("ended", ended.to_string())));
    let site = deployment.files.zip(deployment.bytes);
    lines.extend(site.map(|(files, bytes)| ("site", format!("{}, {bytes} bytes", counted(files, "file")))));
    lines.extend(deployment.egress.iter().flat_map(network));
    if let Some(failure) = &deployment.failure {
        lines.push(("failure", format!("{}: {}", failure.code, shown(&failure.message))));
        lines.push(("remedy", shown(&failure.remedy)));
    }
    lines.into_iter().map(|(name, words)| format!("{name:<10} {words}")).collect()
}

fn standing(deployment: &Deployment) -> String {
    let stage = deployment.failure.as_ref().map(|failure| format!(", while {}", failure.stage));
    let phase = deployment.phase.map(|phase| format!(", {phase}")).unwrap_or_default();
    let place = place(deployment).map(|place| format!(", {place}")).unwrap_or_default();
    format!("{}{}{phase}{place}", deployment.status, stage.unwrap_or_default())
}

/// Where it waits, and how long that will probably be when anybody can say.
pub(crate) fn place(deployment: &Deployment) -> Option<String> {
    let place = deployment.queue_position.map(|place| format!("number {place} in the queue"))?;
    let wait = deployment.estimated_wait_ms.map(Duration::from_millis);
    Some(wait.map_or(place.clone(), |wait| format!("{place}, {} to wait", roughly(wait))))
}

/// An estimate has no seconds worth telling once it has minutes.
fn roughly(wait: Duration) -> String {
    match wait.as_secs() {
        0..5 => "a moment".to_owned(),
        seconds @ 5..90 => format!("about {seconds} s"),
        seconds @ 90..5_400 => format!("about {} min", (seconds + 30) / 60),
        seconds => format!("about {} h", (seconds + 1_800) / 3_600),
    }
}

/// From its acceptance to its end, or to now.
fn took(deployment: &Deployment) -> String {
    let end = deployment.ended_at.unwrap_or_else(|| SystemClock.now());
    let took = end.since(deployment.created_at);
    let so_far = if deployment.ended_at.is_none() { " so far" } else { "" };
    match took.as_secs() {
        0..60 => format!("{:.1} s{so_far}", took.as_secs_f64()),
        seconds => format!("{} min {} s{so_far}", seconds / 60, seconds % 60),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn deployment(more: &serde_json::Value) -> Deployment {
        let mut text = json!({
            "id": "k3v9x2m7q4tzb8wd", "status": "failed", "url": "http://k3v9x2m7q4tzb8wd.localhost:3001/",
            "source": { "kind": "archive", "prebuilt": false, "name": "my-site" }, "phases": [], "attempt": 1,
            "createdAt": "2026-11-21T21:37:00.000Z", "endedAt": "2026-11-21T21:38:05.000Z"
        });
        text.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        serde_json::from_value(text).unwrap()
    }

    #[test]
    fn a_failure_says_where_it_arose_how_long_it_took_why_and_what_to_do() {
        let failure = json!({ "stage": "building", "code": "build_failed", "fault": "user", "retryable": false,
            "message": "The build ended with 1.", "remedy": "Look at its log." });
        let lines = lines(&deployment(&json!({ "failure": failure })));
        for line in [
            "status     failed, while building",
            "source     my-site",
            "took       1 min 5 s",
            "failure    build_failed: The build ended with 1.",
            "remedy     Look at its log.",
        ] {
            assert!(lines.iter().any(|said| said == line), "{line} in {lines:#?}");
        }
        assert!(!lines.iter().any(|line| line.starts_with("url")), "nothing is served: {lines:#?}");
    }

    #[test]
    fn what_was_uploaded_is_told_by_its_name() {
        let of = |of: serde_json::Value| source(&deployment(&json!({ "source": of })));
        assert_eq!(of(json!({ "kind": "archive", "prebuilt": true, "name": "dist" })), "dist (prebuilt)");
        assert_eq!(of(json!({ "kind": "archive" })), "archive");
        let git = json!({ "kind": "git", "url": "https://git.example.org/a", "ref": "main" });
        assert_eq!(of(git), "https://git.example.org/a main");
    }

    #[test]
    fn what_waits_is_told_with_its_place_and_how_long_it_will_probably_be() {
        let told = |wait: serde_json::Value| {
            let waits = json!({ "status": "uploaded", "phase": "queued", "endedAt": null, "queuePosition": 3,
                "estimatedWaitMs": wait });
            standing(&deployment(&waits))
        };
        assert_eq!(told(json!(null)), "uploaded, queued, number 3 in the queue");
        assert_eq!(told(json!(0)), "uploaded, queued, number 3 in the queue, a moment to wait");
        assert_eq!(told(json!(42_000)), "uploaded, queued, number 3 in the queue, about 42 s to wait");
        assert_eq!(told(json!(150_000)), "uploaded, queued, number 3 in the queue, about 3 min to wait");
        assert_eq!(told(json!(7_000_000)), "uploaded, queued, number 3 in the queue, about 2 h to wait");
    }

    #[test]
    fn an_age_is_one_number() {
        let ages = [59, 60, 7200, 200_000].map(|seconds| age(Duration::from_secs(seconds)));
        assert_eq!(ages, ["59s", "1m", "2h", "2d"]);
    }
}
