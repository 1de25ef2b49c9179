//! What a build hears of its network: the bounds at its beginning, each refusal as it happens, and its failure's reason.
//!
//! Guarantee: each host and rule is said once, and the first fifty of them; the receipt has the rest.

use crate::egress_words::{Refusal, in_words, without_network};
use crate::halt::Halt;
use shipstack_engine::{Refusals, Sandbox};
use shipstack_records::JobLog;
use shipstack_types::{Code, EgressBounds, EgressHost, EgressReceipt, EgressRefusal, Failure, NetworkAccess};
use std::collections::BTreeSet;
use std::convert::Infallible;
use std::sync::{Mutex, PoisonError};

/// Refusals that are said one by one; a build that tries every host of the world fills no log.
const MOST_SAID: usize = 50;

/// What was told to one build.
pub(crate) struct EgressTold {
    bounds: Option<EgressBounds>,
    operator: EgressBounds,
    log: JobLog,
    said: Mutex<Said>,
}

#[derive(Default)]
struct Said {
    all: BTreeSet<(String, u16, EgressRefusal)>,
    last: Option<Refusal>,
}

impl EgressTold {
    /// For a build in this sandbox, under what its operator allows.
    pub(crate) fn of(sandbox: &Sandbox, operator: &EgressBounds, log: &JobLog) -> Self {
        let bounds = sandbox.egress_bounds().cloned();
        Self { bounds, operator: operator.clone(), log: log.clone(), said: Mutex::default() }
    }

    /// Says what is tighter than a build expects.
    pub(crate) fn say_bounds(&self) {
        if let Some(text) = self.bounds.as_ref().and_then(|bounds| in_words(bounds, &EgressBounds::default()))
        {
            self.log.system(text);
        }
    }

    /// Says refusals as they happen.
    pub(crate) async fn say_all(&self, refusals: &mut Refusals) -> Infallible {
        loop {
            let refused = refusals.next().await;
            self.say(&refused);
        }
    }

    /// Says what was missed in a flood, or came with the end.
    pub(crate) fn say_rest(&self, receipt: Option<&EgressReceipt>) {
        receipt.into_iter().flat_map(|receipt| &receipt.refused).for_each(|refused| self.say(refused));
    }

    fn say(&self, refused: &EgressHost) {
        let Some((reason, bounds)) = refused.reason.zip(self.bounds.as_ref()) else { return };
        let mut said = self.said.lock().unwrap_or_else(PoisonError::into_inner);
        if !said.all.insert((refused.host.clone(), refused.port, reason)) {
            return;
        }
        let refusal = Refusal::of(refused, reason, (bounds, &self.operator));
        if said.all.len() <= MOST_SAID {
            self.log.system(format!(
                "Network: {} was refused: {}. {}",
                refusal.host, refusal.why, refusal.remedy
            ));
        }
        if said.all.len() == MOST_SAID {
            self.log.system("Network: further refusals stand in the deployment's receipt alone.");
        }
        said.last = Some(refusal);
    }

    fn last(&self) -> Option<Refusal> {
        self.said.lock().unwrap_or_else(PoisonError::into_inner).last.clone()
    }

    fn is_without_network(&self) -> bool {
        self.bounds.as_ref().is_some_and(|bounds| bounds.network == NetworkAccess::None)
    }
}

/// An install or a build that failed after it was refused a host failed because of that, as far as anybody can tell: the
/// host is named, and what would allow it.
pub(crate) fn denied(halt: Halt, told: &EgressTold) -> Halt {
    let Halt::Failed(failure) = halt else { return halt };
    if !matches!(failure.code, Code::InstallFailed | Code::BuildFailed) {
        return Halt::Failed(failure);
    }
    match told.last() {
        Some(Refusal { host, why, remedy }) => {
            let message = format!("{} Before that it was refused {host}: {why}.", failure.message);
            Failure::new(failure.stage, Code::EgressDenied).message(message).remedy(remedy).into()
        }
        None if told.is_without_network() => {
            let message = format!("{} It ran without a network.", failure.message);
            let remedy = without_network(&told.operator).to_owned();
            Failure { message, remedy, ..*failure }.into()
        }
        None => Halt::Failed(failure),
    }
}
