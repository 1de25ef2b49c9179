//! Answers of the scripts, parsed.

use super::key::queue_of;
use crate::line::{BuildLine, Running};
use crate::{Amiss, Audit, Claim, ClaimRequest, JobView, Reaped, Repair, Verdict, WorkerSeen};
use serde::Deserialize;
use serde::de::IntoDeserializer;
use serde::de::value::{Error, StrDeserializer};
use shipstack_types::job::Refusal;
use shipstack_types::{ClaimNumber, Phase, PhaseTiming, QueueName, Timestamp, WorkerId};
use std::time::Duration;

/// Why an event was refused; `None` for a word that no script says.
pub(super) fn refusal(word: &str) -> Option<Refusal> {
    if let Some(state) = word.strip_prefix("ended ") {
        return state.parse().ok().map(Refusal::Ended);
    }
    Some(match word {
        "unknown" => Refusal::Unknown,
        "lease-lost" => Refusal::LeaseLost,
        "not-waiting" => Refusal::NotWaiting,
        "cancelled" => Refusal::Cancelled,
        "attempts-used-up" => Refusal::AttemptsUsedUp,
        "deadline-passed" => Refusal::DeadlinePassed,
        "not-expired" => Refusal::NotExpired,
        "already-decided" => Refusal::AlreadyDecided,
        "too-late" => Refusal::TooLate,
        "not-decided" => Refusal::NotDecided,
        _ => return None,
    })
}

pub(crate) fn claim(fields: &[String], queue: QueueName, request: &ClaimRequest) -> Option<Claim> {
    let [id, number, attempt, group, source_claim, next_log_seq, adopted] = fields else { return None };
    Some(Claim {
        id: id.parse().ok()?,
        queue,
        worker: request.worker.clone(),
        number: ClaimNumber::new(number.parse().ok()?)?,
        attempt: attempt.parse().ok()?,
        group: group.clone(),
        source_claim: ClaimNumber::new(source_claim.parse().ok()?),
        next_log_seq: next_log_seq.parse().ok()?,
        adopted: adopted != "0",
    })
}

pub(crate) fn reaped(fields: &[String]) -> Option<Reaped> {
    let [id, queue, fence, verdict] = fields else { return None };
    let verdict = match verdict.as_str() {
        "given-back" => Verdict::GivenBack,
        "attempts-used-up" => Verdict::AttemptsUsedUp,
        "deadline-passed" => Verdict::DeadlinePassed,
        "cancelled" => Verdict::Cancelled,
        "needs-settling" => Verdict::NeedsSettling,
        _ => return None,
    };
    let fence = ClaimNumber::new(fence.parse().ok()?)?;
    Some(Reaped { id: id.parse().ok()?, queue: queue_of(queue)?, fence, verdict })
}

pub(super) fn repair(word: &str) -> Option<Repair> {
    Some(match word {
        "nothing" => Repair::Nothing,
        "unknown" => Repair::Unknown,
        "requeued" => Repair::Requeued,
        "given-expired-lease" => Repair::GivenExpiredLease,
        "status-rewritten" => Repair::StatusRewritten,
        "needs-settling" => Repair::NeedsSettling,
        "cancel-pending" => Repair::CancelPending,
        "queue-timeout" => Repair::QueueTimeout,
        "foreign-deployed" => Repair::ForeignDeployed,
        _ => return None,
    })
}

/// The answer of `audit.lua`.
pub(crate) fn audit(fields: &[String]) -> Option<Audit> {
    let [attempts, deliveries, build_fence, since, words @ ..] = fields else { return None };
    let (attempts, deliveries) = (attempts.parse().ok()?, deliveries.parse().ok()?);
    let amiss = |word: &String| match word.as_str() {
        "damaged" => Some(Amiss::Damaged),
        "too-often" => Some(Amiss::TooOften { attempts, deliveries }),
        "lease-long-over" => Some(Amiss::LeaseLongOver),
        "in-no-list" => Some(Amiss::InNoList),
        _ => None,
    };
    Some(Audit {
        amiss: words.iter().map(amiss).collect::<Option<_>>()?,
        build_fence: build_fence.parse().ok()?,
        since: since.parse().ok().filter(|since| *since > 0).map(Timestamp::from_millis),
    })
}

pub(crate) fn job(fields: &[String]) -> Option<JobView> {
    let [state, queue, standing, phase, rest @ ..] = fields else { return None };
    let [attempt, intake_fence, build_fence, source_claim, owner, cancel, group, phases, over, place, plan] =
        rest
    else {
        return None;
    };
    Some(JobView {
        state: state.parse().ok()?,
        queue: queue_of(queue)?,
        settling: standing == "settling",
        phase: phase.parse().unwrap_or(Phase::Queued),
        attempt: attempt.parse().ok()?,
        intake_fence: intake_fence.parse().ok()?,
        build_fence: build_fence.parse().ok()?,
        source_claim: ClaimNumber::new(source_claim.parse().ok()?),
        owner: worker(owner),
        cancel: cancel != "0",
        group: group.clone(),
        phases: timings(phases, over.parse().ok().filter(|over| *over > 0)),
        queue_position: place.parse().ok(),
        // Empty before it is decided; what cannot be read was put there by hand.
        plan: serde_json::from_str(plan).ok(),
    })
}

/// The answer of `line.lua`. A length that cannot be read was put there by hand.
pub(super) fn line(fields: &[String]) -> Option<BuildLine> {
    let [place, waiting, running, lasted] = fields else { return None };
    let numbers = |text: &str| text.split(' ').filter_map(|word| word.parse().ok()).collect::<Vec<u64>>();
    let running = numbers(running);
    let pairs = running.chunks_exact(2).filter_map(|pair| {
        let [group, millis] = pair else { return None };
        Some(Running { group: usize::try_from(*group).ok()?, span: Duration::from_millis(*millis) })
    });
    let waiting = numbers(waiting).into_iter().map(usize::try_from).collect::<Result<_, _>>().ok()?;
    let lasted = numbers(lasted).into_iter().map(Duration::from_millis).collect();
    Some(BuildLine { place: place.parse().ok()?, waiting, running: pairs.collect(), lasted })
}

fn worker(text: &str) -> Option<WorkerId> {
    let text: StrDeserializer<'_, Error> = text.into_deserializer();
    WorkerId::deserialize(text).ok().filter(|worker| !worker.as_str().is_empty())
}

/// `<milliseconds> <presence as JSON>`; `None` for what somebody else put there.
pub(crate) fn worker_seen(details: &[u8]) -> Option<WorkerSeen> {
    let (millis, presence) = std::str::from_utf8(details).ok()?.split_once(' ')?;
    let seen_at = Timestamp::from_millis(millis.parse().ok()?);
    Some(WorkerSeen { presence: serde_json::from_str(presence).ok()?, seen_at })
}

/// `"queued:5 cloning:8 "` and the end of the last one.
fn timings(pieces: &str, over: Option<u64>) -> Vec<PhaseTiming> {
    let starts: Vec<(Phase, u64)> = pieces.split_whitespace().filter_map(start).collect();
    let ends = starts.iter().skip(1).map(|(_, start)| Some(*start)).chain([over]);
    let timing = |(&(phase, start), end): (&(Phase, u64), Option<u64>)| PhaseTiming {
        phase,
        started_at: Timestamp::from_millis(start),
        ended_at: end.map(Timestamp::from_millis),
    };
    starts.iter().zip(ends).map(timing).collect()
}

fn start(piece: &str) -> Option<(Phase, u64)> {
    let (phase, start) = piece.split_once(':')?;
    Some((phase.parse().ok()?, start.parse().ok()?))
}
