//! What runs, as it says itself: the server of this folder, or the one that is named, and its workers.
//!
//! A worker's engine need not be the one that this shell would find: `cargo xtask up` starts one of its own where none
//! answers, and a worker may be another machine. So workers are believed about theirs, and the engine of this machine is
//! looked at only where none reports.

use std::net::SocketAddr;

use shipstack_http::Check;
use shipstack_settings::EverySetting;
use url::Url;

use crate::client::{Api, ApiError, ClientArgs, START_WORKER, Server, Worker};

/// What was learnt.
#[derive(Default)]
pub(super) struct Running {
    pub(super) checks: Vec<Check>,
    /// Whether this machine's engine says nothing about what runs.
    pub(super) skips_engine: bool,
    /// The address of these settings that a server of ours answers at.
    pub(super) api: Option<SocketAddr>,
}

/// Asks the server at `named`, else the one of these settings; that none of these runs is nothing to tell.
pub(super) async fn ask(named: Option<&Url>, settings: &EverySetting) -> Running {
    let addr = settings.port.applied_to(settings.api.addr);
    let called = ClientArgs::of_server(named, addr, settings.api.token.as_ref());
    let Some(api) = called.and_then(|client| Api::new(&client).ok()) else { return Running::default() };
    match api.server().await {
        Ok(server) => Running { api: named.is_none().then_some(addr), ..Running::of(api.base(), &server) },
        Err(ApiError::Unreachable { .. }) if named.is_none() => Running::default(),
        Err(error) => Running::refused(&error),
    }
}

impl Running {
    fn of(base: &str, server: &Server) -> Self {
        let answers = Check::ok("server", format!("{base} answers, version {}", server.version));
        let mut checks = vec![answers];
        checks.extend(server.checks.iter().map(|check| said_by("the API", check)));
        match server.workers.as_deref() {
            Some([]) => checks.push(Check::broken("worker", format!("{base} has none"), START_WORKER)),
            workers => checks.extend(workers.unwrap_or_default().iter().flat_map(of_worker)),
        }
        let skips_engine = server.workers.as_ref().is_some_and(|workers| !workers.is_empty());
        Self { checks, skips_engine, api: None }
    }

    /// Whoever answers so may be well, and cannot be asked: that is no fault of what runs. Where a token is missing, that
    /// is a server of ours.
    fn refused(error: &ApiError) -> Self {
        let (detail, remedy) = error.in_parts();
        let checks = vec![Check::advice("server", detail, remedy.unwrap_or_default())];
        let skips_engine = matches!(error, ApiError::TokenNeeded { .. } | ApiError::TokenWrong { .. });
        Self { checks, skips_engine, api: None }
    }
}

fn of_worker(worker: &Worker) -> Vec<Check> {
    let Worker { id, version, slots, .. } = worker;
    let there = Check::ok("worker", format!("{id}, version {version}, builds at once: {slots}"));
    let who = format!("worker {id}");
    std::iter::once(there).chain(worker.checks.iter().map(|check| said_by(&who, check))).collect()
}

fn said_by(who: &str, check: &Check) -> Check {
    Check { detail: format!("{}, says {who}", check.detail), ..check.clone() }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;

    fn told(workers: &Value) -> Running {
        let checks = json!([{ "name": "state", "ok": true, "detail": "answers" }]);
        let server = json!({ "version": "0.1.0", "ready": true, "checks": checks, "workers": workers });
        Running::of("http://api", &serde_json::from_value(server).unwrap())
    }

    #[test]
    fn workers_are_believed_about_their_engine_and_named_with_it() {
        let gone = json!({ "name": "engine", "ok": false, "detail": "no answer", "remedy": "Start Docker." });
        let worker = json!({ "id": "w", "version": "0.1.0", "slots": 2, "ready": false, "checks": [gone] });
        let running = told(&json!([worker]));
        assert!(running.skips_engine);
        let engine = running.checks.iter().find(|check| check.name == "engine").unwrap();
        assert_eq!((engine.ok, engine.detail.as_str()), (false, "no answer, says worker w"));
        assert_eq!(engine.remedy.as_deref(), Some("Start Docker."));
        assert!(running.checks.iter().any(|check| check.detail == "answers, says the API"));
    }

    #[test]
    fn a_server_that_keeps_its_state_to_itself_is_not_judged_by_another_engine() {
        let running = Running::refused(&ApiError::TokenNeeded { base: "http://api".to_owned() });
        assert!(running.skips_engine && running.checks[0].ok);
        assert!(running.checks[0].remedy.as_ref().unwrap().contains("SHIPSTACK_TOKEN"));
        let error = ApiError::Unreachable { base: "http://api".to_owned(), why: "refused".to_owned() };
        assert!(!Running::refused(&error).skips_engine);
    }

    #[test]
    fn a_server_without_a_worker_is_broken_and_one_that_cannot_know_is_not() {
        let broken = |running: &Running| running.checks.iter().any(|check| !check.ok);
        let none = told(&json!([]));
        assert!(broken(&none) && !none.skips_engine);
        let unknown = told(&Value::Null);
        assert!(!broken(&unknown) && !unknown.skips_engine);
    }
}
