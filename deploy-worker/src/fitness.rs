//! Whether this worker may claim, and what keeps it from it: told to the runner, to `/readyz` and the heartbeat, to the
//! metrics, and once to the log when it begins and when it ends.

use shipstack_engine::EngineError;
use shipstack_http::Check;
use shipstack_service::Metric;
use shipstack_types::{Code, Phase};
use std::sync::Arc;
use tokio::sync::watch;

/// The check that says whether builds are taken.
const BUILDS: &str = shipstack_state::WorkerPresence::BUILDS;
/// Everything that an ailment may be called: each has its gauge.
const CODES: [Code; 5] = [
    Code::EngineUnavailable,
    Code::EnginePermissionDenied,
    Code::ImageMissing,
    Code::DiskFull,
    Code::Internal,
];

/// Something that keeps a worker from claiming: the jobs are not bad, the worker is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Ailment {
    pub(crate) code: Code,
    /// What is wrong.
    pub(crate) what: String,
    /// What a person can do about it.
    pub(crate) remedy: String,
}

impl From<&EngineError> for Ailment {
    fn from(error: &EngineError) -> Self {
        let failure = error.failure(Phase::Preparing);
        Self { code: failure.code, what: failure.message, remedy: failure.remedy }
    }
}

/// What a worker suffers from; nothing is known before the first look. Clones share it.
#[derive(Clone, Debug)]
pub(crate) struct Fitness {
    found: Arc<watch::Sender<Option<Vec<Ailment>>>>,
    may_claim: Arc<watch::Sender<bool>>,
}

impl Default for Fitness {
    fn default() -> Self {
        Self { found: Arc::new(watch::Sender::new(None)), may_claim: Arc::new(watch::Sender::new(false)) }
    }
}

impl Fitness {
    /// What the runner goes by.
    pub(crate) fn may_claim(&self) -> watch::Receiver<bool> {
        self.may_claim.subscribe()
    }

    /// This was found by a look; nothing is fine.
    pub(crate) fn note(&self, found: Vec<Ailment>) {
        let fit = found.is_empty();
        for code in CODES {
            let holds = found.iter().any(|ailment| ailment.code == code);
            Metric::ClaimsStopped.set(if holds { 1.0 } else { 0.0 }, &[code.as_str()]);
        }
        tell_changes(self.found.borrow().as_deref().unwrap_or_default(), &found);
        self.found.send_replace(Some(found));
        self.may_claim.send_if_modified(|told| std::mem::replace(told, fit) != fit);
    }

    /// The same for people.
    pub(crate) fn check(&self) -> Check {
        let Some(found) = self.found.borrow().clone() else {
            return Check::broken(
                BUILDS,
                "nothing is claimed: no engine has answered yet",
                Code::EngineUnavailable.info().remedy,
            );
        };
        if found.is_empty() {
            return Check::ok(BUILDS, "engine, image, egress proxy and disk are ready");
        }
        let told =
            |part: fn(&Ailment) -> &str, between| found.iter().map(part).collect::<Vec<_>>().join(between);
        let what = told(|ailment| &ailment.what, "; ");
        Check::broken(BUILDS, format!("nothing is claimed: {what}"), told(|ailment| &ailment.remedy, " "))
    }
}

/// One line for each that begins and one when the last is over; that it goes on is not said again.
fn tell_changes(before: &[Ailment], now: &[Ailment]) {
    let is_new = |ailment: &&Ailment| before.iter().all(|known| known.code != ailment.code);
    for Ailment { code, what, remedy } in now.iter().filter(is_new) {
        tracing::error!(code = code.as_str(), %remedy, "nothing is claimed: {what}");
    }
    if now.is_empty() && !before.is_empty() {
        tracing::info!("builds are claimed again");
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ailment(code: Code, what: &str) -> Ailment {
        Ailment { code, what: what.to_owned(), remedy: format!("Mend {what}.") }
    }

    #[test]
    fn everything_that_keeps_a_worker_from_claiming_is_named_with_its_remedy() {
        let fitness = Fitness::default();
        let may_claim = fitness.may_claim();
        assert!(!fitness.check().ok && !*may_claim.borrow());
        fitness.note(vec![ailment(Code::DiskFull, "the disk"), ailment(Code::ImageMissing, "the image")]);
        let check = fitness.check();
        assert_eq!(check.detail, "nothing is claimed: the disk; the image");
        assert_eq!(check.remedy.as_deref(), Some("Mend the disk. Mend the image."));
        assert!(!*may_claim.borrow());
        fitness.note(Vec::new());
        assert!(fitness.check().ok && *may_claim.borrow());
    }
}
