//! What the store holds: `shipstack verify` with every digest, each result unchanged since it was announced, and what is
//! published is of the newest claim.

use std::ops::RangeInclusive;

use anyhow::{Context as _, Result};
use serde_json::Value;
use shipstack_types::{Code, Fault, Sha256Digest};
use tokio::process::Command;

use super::{again, life};
use crate::cargo::program;
use crate::chaos::hits::Span;
use crate::chaos::ledger::Broken;
use crate::chaos::world::World;

/// Claims in a row that may have been lost before their holders wrote them down: as often as a job is given out at most.
const UNMARKED: u8 = 5;

pub(super) async fn what_is_stored_is_what_was_promised(world: &World) -> Result<()> {
    verify(world).await?;
    let ids = world.ledger.ids();
    let keys: Vec<String> = ids.iter().map(|id| format!("output/{id}/result.json")).collect();
    let results = world.bucket.fetch_many(&keys)?;
    let announced = world.recorder.record().results.clone();
    let mut published = Vec::new();
    for (id, bytes) in ids.iter().zip(results) {
        let Some(bytes) = bytes else { continue };
        if announced.get(id).is_some_and(|digest| *digest != Sha256Digest::of(&bytes)) {
            world.ledger.broke(Broken::Twice, id, "its result was rewritten after its end was announced");
        }
        let result: Value = serde_json::from_slice(&bytes)?;
        look_at_cancel(world, id, &result);
        if let Some(code) = blamed_on_the_project(&result) {
            let what = format!("it failed with {code}, and nothing was wrong with its project");
            world.ledger.broke(Broken::Untrue, id, what);
        }
        if let Some(claim) = result.pointer("/published/claim").and_then(Value::as_i64) {
            published.push((id.clone(), claim));
        }
    }
    of_the_newest_claim(world, &published)
}

/// A cancellation that was accepted is kept, unless Redis forgot it: nobody else remembers it.
fn look_at_cancel(world: &World, id: &str, result: &Value) {
    let state = result.get("state").and_then(Value::as_str).unwrap_or_default();
    let Some(entry) = world.ledger.book().entries.get(id).cloned() else { return };
    if entry.cancel != Some(202) || state != "deployed" {
        return;
    }
    if !world.hits.struck(life(world, id, &entry), |hit| hit.fault.forgets()) {
        world.ledger.broke(Broken::Untrue, id, "its cancellation was accepted, and it is deployed");
    }
}

/// The code of a failure that is said to be the project's. Every project that is deployed here is sound: what fails is
/// the platform's fault, and it has to say so.
fn blamed_on_the_project(result: &Value) -> Option<Code> {
    let failed = result.get("state").and_then(Value::as_str) == Some("failed");
    let code = result.pointer("/failure/code").filter(|_| failed)?;
    let code: Code = serde_json::from_value(code.clone()).ok()?;
    (code.info().fault == Fault::User).then_some(code)
}

/// A claim that was superseded shows nothing (promise 5). A Redis that forgot in between what was decided has the job
/// done again while its result may be on its way to the store: then whichever is there first counts.
fn of_the_newest_claim(world: &World, published: &[(String, i64)]) -> Result<()> {
    let later = |(id, claim): &(String, i64)| {
        after(*claim).map(|later| format!("output/{id}/claims/{later}.json")).collect::<Vec<_>>()
    };
    let keys: Vec<String> = published.iter().flat_map(later).collect();
    let marks = world.bucket.fetch_many(&keys)?;
    for ((id, claim), later) in published.iter().zip(marks.chunks(UNMARKED.into())) {
        if later.iter().any(Option::is_some) && !was_forgotten_between(world, id, *claim)? {
            let what = format!("claim {claim} is published, and a later one had begun");
            world.ledger.broke(Broken::Twice, id, what);
        }
    }
    Ok(())
}

/// The claims after this one of which the first that began is.
fn after(claim: i64) -> RangeInclusive<i64> {
    claim + 1..=claim + i64::from(UNMARKED)
}

/// Whether Redis forgot anything between the beginning of this claim and that of the next that began, as their holders
/// wrote it down. Where a clock was wrong, the deployment's own life bounds it.
fn was_forgotten_between(world: &World, id: &str, claim: i64) -> Result<bool> {
    let its = again::marks(world, id, ("claims", claim..=claim))?.into_iter().flatten().next();
    let next = again::marks(world, id, ("claims", after(claim)))?.into_iter().flatten().next();
    let lived = world.ledger.book().entries.get(id).cloned().map(|entry| life(world, id, &entry));
    let from = its.and_then(|mark| mark.at).or(lived.map(|lived| lived.from));
    let until = next.and_then(|mark| mark.at).or(lived.map(|lived| lived.until));
    let between = from.zip(until).map(|(from, until)| Span { from, until });
    Ok(between.is_some_and(|between| world.hits.struck(between, |hit| hit.fault.forgets())))
}

/// One program holds the invariants of what is stored, here and on a live system.
async fn verify(world: &World) -> Result<()> {
    let mut command = Command::new(program("shipstack")?);
    command.args(["--json", "verify", "--digests"]);
    command.envs(world.stores(&world.redis.url(), world.bucket.endpoint()));
    let output = command.current_dir(world.folder.path()).output().await?;
    let said = String::from_utf8_lossy(&output.stdout).into_owned();
    let mut verified = None;
    for line in said.lines() {
        let line: Value = serde_json::from_str(line)?;
        match (line.get("id").and_then(Value::as_str), line.get("what").and_then(Value::as_str)) {
            (Some(id), Some(what)) => world.ledger.broke(Broken::Half, id, what),
            _ => verified = line.get("verified").cloned(),
        }
    }
    let complaint = String::from_utf8_lossy(&output.stderr).into_owned();
    verified.with_context(|| format!("verify did not come to its end: {complaint}")).map(drop)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_failure_under_chaos_may_not_be_the_project_s() {
        let failed = |code: &str| json!({ "state": "failed", "failure": { "code": code } });
        assert_eq!(blamed_on_the_project(&failed("build_failed")), Some(Code::BuildFailed));
        assert_eq!(blamed_on_the_project(&failed("store_unavailable")), None);
        assert_eq!(blamed_on_the_project(&json!({ "state": "deployed", "failure": null })), None);
    }
}
