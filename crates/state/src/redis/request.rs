//! Events as the scripts read them.

use super::key::queue_word;
use serde_json::{Map, Value, json};
use shipstack_types::job::{Decider, Event, Holder, Restored, RestoredAs};
use shipstack_types::{ClaimNumber, QueueName};

/// The event as JSON: its name and flat fields.
pub(super) fn event_json(event: &Event) -> String {
    let (name, fields) = match event {
        Event::QueueIntake => ("queue_intake", json!({})),
        Event::QueueBuild { source_claim } => {
            ("queue_build", json!({ "source_claim": number(*source_claim) }))
        }
        Event::Claim { worker, nonce } => {
            ("claim", json!({ "worker": worker.as_str(), "nonce": nonce.to_string() }))
        }
        Event::Heartbeat(holder) => ("heartbeat", held_by(holder)),
        Event::EnterPhase(holder, phase) => {
            ("enter_phase", with(held_by(holder), "phase", phase.as_str().into()))
        }
        Event::SourceReady(holder) => ("source_ready", held_by(holder)),
        Event::Decide { by, state, digest } => ("decide", decision(by, state.as_str(), &digest.to_string())),
        Event::Settle => ("settle", json!({})),
        Event::Drain(holder) => ("drain", held_by(holder)),
        Event::PlatformFault { holder, rest } => {
            let rest = u64::try_from(rest.as_millis()).unwrap_or(u64::MAX);
            ("platform_fault", with(held_by(holder), "rest", rest.into()))
        }
        Event::RequestCancel => ("request_cancel", json!({})),
        Event::Reap(claim) => ("reap", json!({ "number": claim.get() })),
        Event::Sweep(holder) => ("sweep", held_by(holder)),
        Event::Promote => ("promote", json!({})),
        Event::Restore(restored) => ("restore", restoration(restored)),
    };
    with(fields, "event", name.into()).to_string()
}

fn held_by(holder: &Holder) -> Value {
    json!({
        "queue": queue_word(holder.queue),
        "worker": holder.worker.as_str(),
        "number": holder.number.get(),
    })
}

fn decision(by: &Decider, state: &str, digest: &str) -> Value {
    let (kind, fields) = match by {
        Decider::Holder(holder) => ("holder", held_by(holder)),
        Decider::Canceller => ("canceller", json!({})),
        Decider::Reaper(queue, claim) => {
            ("reaper", json!({ "queue": queue_word(*queue), "number": claim.get() }))
        }
        Decider::QueueTimeout => ("queue-timeout", json!({})),
        Decider::Foreign => ("foreign", json!({})),
        Decider::Superseder => ("superseder", json!({})),
        Decider::Store => ("store", json!({})),
    };
    let by = [kind, text(&fields, "queue"), text(&fields, "worker")].join(" ");
    let by = format!("{by} {}", fields.get("number").map_or(0, |number| number.as_u64().unwrap_or(0)));
    let fields = with(with(fields, "decider", kind.into()), "by", by.into());
    with(with(fields, "state", state.into()), "digest", digest.into())
}

fn text<'a>(fields: &'a Value, name: &str) -> &'a str {
    fields.get(name).and_then(Value::as_str).unwrap_or("-")
}

fn restoration(restored: &Restored) -> Value {
    let (kind, queue, state, at) = match restored.state {
        RestoredAs::Terminal(state) => ("terminal", QueueName::Build, state.as_str(), 0),
        RestoredAs::Waiting(queue) => ("waiting", queue, "", 0),
        RestoredAs::LastClaimAt(queue, at) => ("last-claim", queue, "", at.as_millis()),
    };
    json!({
        "as": kind,
        "queue": queue_word(queue),
        "state": state,
        "at": at,
        "intake_fence": restored.intake_fence,
        "build_fence": restored.build_fence,
        "attempt": restored.attempt,
        "source_claim": number(restored.source_claim),
    })
}

fn number(claim: Option<ClaimNumber>) -> u32 {
    claim.map_or(0, ClaimNumber::get)
}

fn with(fields: Value, name: &str, value: Value) -> Value {
    let mut fields = match fields {
        Value::Object(fields) => fields,
        _ => Map::new(),
    };
    fields.insert(name.to_owned(), value);
    Value::Object(fields)
}
