//! Each deployment ended exactly once, and everybody says the same end.

use anyhow::Result;

use super::number;
use crate::chaos::ledger::Broken;
use crate::chaos::recorder::End;
use crate::chaos::resp::Observer;
use crate::chaos::world::World;

/// Defaults of the queue (reliability.md §2), which no setting changes.
pub(super) const ATTEMPTS: u8 = 3;
const DELIVERIES: i64 = 5;

/// Looks at the ends that were announced, and at the job as it stands.
pub(super) fn each_ended_once(world: &World) -> Result<()> {
    let announced = world.recorder.record().ends.clone();
    for (id, ends) in &announced {
        if let Some(what) = ended_twice(ends) {
            world.ledger.broke(Broken::Twice, id, what);
        }
    }
    let mut observer = Observer::connect(&world.redis)?;
    for id in world.ledger.ids() {
        let status = observer.ask(&["HGET", "status", &id])?;
        let status = status.text().unwrap_or("unknown");
        // Whoever was told an end by a client's question is in the ledger with it.
        world.ledger.told(&id, status);
        if !announced.contains_key(&id) {
            world.ledger.broke(Broken::Lost, &id, format!("it is {status} and no end was ever announced"));
        }
        let job = observer.ask(&["HMGET", &format!("job:{id}"), "attempt", "deliveries"])?;
        if number(&job, 0) > i64::from(ATTEMPTS) || number(&job, 1) > DELIVERIES {
            let (attempts, deliveries) = (number(&job, 0), number(&job, 1));
            world.ledger.broke(Broken::Untrue, &id, format!("{attempts} attempts, {deliveries} deliveries"));
        }
    }
    Ok(())
}

/// A reindex announces what has ended once more; within the life of one index there is one end, and always the same.
fn ended_twice(ends: &[End]) -> Option<String> {
    let first = ends.first()?;
    let shown =
        || ends.iter().map(|end| format!("{} ({})", end.word, end.epoch)).collect::<Vec<_>>().join(", ");
    let differs = ends.iter().any(|end| end.word != first.word);
    let repeats = ends.windows(2).any(|pair| matches!(pair, [one, next] if one.epoch == next.epoch));
    (differs || repeats).then(|| format!("it ended more than once: {}", shown()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::time::Instant;

    fn end(epoch: u32, word: &str) -> End {
        End { epoch, word: word.to_owned(), at: Instant::now() }
    }

    #[test]
    fn an_end_may_be_announced_anew_only_by_a_new_index() {
        assert_eq!(ended_twice(&[end(0, "deployed")]), None);
        assert_eq!(ended_twice(&[end(0, "deployed"), end(1, "deployed")]), None);
        assert!(ended_twice(&[end(0, "deployed"), end(0, "deployed")]).is_some());
        assert!(ended_twice(&[end(0, "failed"), end(1, "deployed")]).is_some());
    }
}
