//! The negative controls: the same harness against a platform without one of its nets has to fail, otherwise the
//! harness has a hole.

use std::process::ExitCode;
use std::time::Duration;

use anyhow::Result;

use super::fault::Fault;
use super::ledger::Broken;
use super::load::Rates;
use super::world::Variant;
use super::{Plan, play};
use crate::console::{complain, say, step};
use crate::machine::Docker;

/// A platform without a net, and the faults that fall through the hole.
struct Control {
    name: &'static str,
    variant: Variant,
    faults: &'static [Fault],
    /// What has to be noticed.
    breaks: Broken,
}

const LASTING: Duration = Duration::from_secs(90);
/// Long enough for everything that the other nets catch.
const SETTLE: Duration = Duration::from_secs(45);

const CONTROLS: [Control; 3] = [
    Control {
        name: "without the fence",
        // Two claims have to be at work at the same time, so a job takes a while.
        variant: Variant { without: "fence", settings: &[("SHIPSTACK_FAILPOINTS", "upload=pause:1500@300")] },
        faults: &[Fault::FreezeWorker],
        breaks: Broken::Twice,
    },
    Control {
        // Leases would catch what a lost reply loses, only later: all three nets below a claim are taken away.
        name: "lost claim replies neither repeated nor swept nor reaped",
        variant: Variant { without: "repeat,sweep,reap", settings: &[] },
        faults: &[Fault::LoseWorkerReplies],
        breaks: Broken::Lost,
    },
    Control {
        name: "BRPOP without the reconciler",
        variant: Variant { without: "reconcile", settings: &[("SHIPSTACK_QUEUE_TAKE", "brpop")] },
        faults: &[Fault::LoseWorkerReplies, Fault::KillWorker],
        breaks: Broken::Lost,
    },
];

/// Runs all three; good when each fails.
pub(super) async fn run(seed: Option<u64>, docker: &Docker) -> Result<ExitCode> {
    let mut noticed = true;
    for control in CONTROLS {
        step(&format!("control: {}", control.name));
        let plan = Plan {
            seed: seed.unwrap_or(1),
            lasting: LASTING,
            faults: control.faults.to_vec(),
            rates: Rates { deployments: 5.0, containers: 0 },
            variant: control.variant,
            settle: SETTLE,
            previous: None,
        };
        let outcome = Box::pin(play(&plan, docker)).await?;
        outcome.print(super::Print::Text);
        let count = outcome.findings.iter().filter(|finding| finding.broken == control.breaks).count();
        say(&format!("{}: noticed {count} {:?}, and there have to be some", control.name, control.breaks));
        if count == 0 {
            complain("nothing was noticed: the harness has a hole");
            noticed = false;
        }
    }
    Ok(if noticed { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}
