//! Whether anybody would build, as the server knows it of its workers.

use shipstack_types::{Deployment, DeploymentState};

use super::server::{START_WORKER, Server};
use super::{Api, ApiError};
use crate::terminal_text::sentences;

/// Why a deployment that waits for a worker will go on waiting, and what to do; `None` when one is ready, or nobody knows.
pub(crate) async fn nobody_builds(api: &Api, deployment: &Deployment) -> Result<Option<String>, ApiError> {
    if deployment.status != DeploymentState::Uploaded {
        return Ok(None);
    }
    Ok(words(&api.server().await?))
}

fn words(server: &Server) -> Option<String> {
    let workers = server.workers.as_ref()?;
    if workers.iter().any(|worker| worker.ready) {
        return None;
    }
    let broken = workers.iter().flat_map(|worker| &worker.checks).find(|check| !check.ok);
    let (why, remedy) = match broken {
        Some(check) => (check.detail.as_str(), check.remedy.as_deref().unwrap_or_default()),
        None => ("there is none", START_WORKER),
    };
    Some(sentences(&format!("No worker is ready: {why}"), remedy).trim_end().to_owned())
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;

    fn told(workers: &Value) -> Option<String> {
        let server = json!({ "version": "0.1.0", "ready": true, "checks": [], "workers": workers });
        words(&serde_json::from_value(server).unwrap())
    }

    #[test]
    fn that_nobody_builds_is_told_with_the_reason_and_its_remedy() {
        let fine = json!({ "name": "state", "ok": true, "detail": "answers" });
        let gone = json!({ "name": "engine", "ok": false, "detail": "no answer", "remedy": "Start Docker." });
        let worker = |ready: bool, checks: &[&Value]| json!({ "id": "w", "version": "0.1.0", "slots": 2, "ready": ready, "checks": checks });
        let sick = worker(false, &[&fine, &gone]);
        assert_eq!(told(&json!([sick])).as_deref(), Some("No worker is ready: no answer. Start Docker."));
        let well = worker(true, &[&fine]);
        assert_eq!(told(&json!([sick, well])), None);
    }

    #[test]
    fn no_worker_at_all_is_told_and_what_nobody_knows_is_not() {
        let none = told(&json!([])).unwrap();
        assert!(none.starts_with("No worker is ready: there is none. Start one: `shipstack up`"), "{none}");
        assert_eq!(told(&Value::Null), None);
    }
}
