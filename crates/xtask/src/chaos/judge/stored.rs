//! What the store holds: `shipstack verify` with every digest, each result unchanged since it was announced, and what is
//! published is of the newest claim.

use anyhow::{Context as _, Result};
use serde_json::Value;
use shipstack_types::{Code, Fault, Sha256Digest};
use tokio::process::Command;

use super::again;
use crate::cargo::program;
use crate::chaos::fault;
use crate::chaos::hits::{Span, now};
use crate::chaos::ledger::Broken;
use crate::chaos::world::World;

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

/// A cancellation that was accepted is kept, unless Redis was emptied, which nobody else remembers it.
fn look_at_cancel(world: &World, id: &str, result: &Value) {
    let state = result.get("state").and_then(Value::as_str).unwrap_or_default();
    let cancel = world.ledger.book().entries.get(id).and_then(|entry| entry.cancel);
    if cancel == Some(202) && state == "deployed" && world.recorder.record().is_of_one_life() {
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
    let later = |(id, claim): &(String, i64)| format!("output/{id}/claims/{}.json", claim + 1);
    let keys: Vec<String> = published.iter().map(later).collect();
    for ((id, claim), mark) in published.iter().zip(world.bucket.fetch_many(&keys)?) {
        if mark.is_some() && !world.hits.struck(between(world, id, *claim)?, fault::Fault::forgets) {
            let what = format!("claim {claim} is published, and a later one had begun");
            world.ledger.broke(Broken::Twice, id, what);
        }
    }
    Ok(())
}

/// From the beginning of this claim to that of the next, as their holders wrote it down.
fn between(world: &World, id: &str, claim: i64) -> Result<Span> {
    let marks = again::marks(world, id, ("claims", claim..=claim + 1))?;
    let at = |place: usize| marks.get(place)?.as_ref()?.at;
    Ok(Span { from: at(0).unwrap_or(world.began), until: at(1).unwrap_or_else(now) })
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
