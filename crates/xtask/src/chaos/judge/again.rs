//! Nothing is built twice and nothing fails, but where a fault explains it: what is deployed under chaos is sound.

use std::ops::RangeInclusive;

use anyhow::Result;
use shipstack_types::ClaimMark;

use super::{life, number};
use crate::chaos::fleet::Kind;
use crate::chaos::hits::{Harm, Hits, Millis, Span, now};
use crate::chaos::ledger::Broken;
use crate::chaos::resp::Observer;
use crate::chaos::world::World;

/// Kinds of claims: the counter in the job, where their marks are, and whose they are.
const QUEUES: [(&str, &str, Kind); 2] =
    [("build_fence", "claims", Kind::Worker), ("intake_fence", "intake", Kind::Upload)];

/// One taking of a job, as its holder wrote it down.
#[derive(Clone, Debug)]
pub(super) struct Mark {
    /// Which of its kind held it, if that is known.
    holder: Option<usize>,
    /// When, unless its clock was wrong.
    pub(super) at: Option<Millis>,
}

/// Looks at every job with more than one claim, and at every one that failed. Answers how many were taken up again.
pub(super) fn only_where_a_fault_hit(world: &World) -> Result<u64> {
    let mut again = 0;
    for (counter, folder, kind) in QUEUES {
        for (id, claims) in claimed_again(world, counter)? {
            again += 1;
            for number in unexplained(&world.hits, kind, &marks(world, &id, (folder, 1..=claims))?) {
                let what =
                    format!("{folder}: claim {number} was followed by another, and no fault had hit it");
                world.ledger.broke(Broken::Again, &id, what);
            }
        }
    }
    failures(world);
    Ok(again)
}

/// Ids with more than one claim, and how many they have.
fn claimed_again(world: &World, counter: &str) -> Result<Vec<(String, i64)>> {
    let mut observer = Observer::connect(&world.redis)?;
    let mut found = Vec::new();
    for id in world.ledger.ids() {
        let claims = number(&observer.ask(&["HMGET", &format!("job:{id}"), counter])?, 0);
        if claims > 1 {
            found.push((id, claims));
        }
    }
    Ok(found)
}

/// The marks of these claims in their order; `None` for a claim that its holder never heard of.
pub(super) fn marks(
    world: &World,
    id: &str,
    (folder, claims): (&str, RangeInclusive<i64>),
) -> Result<Vec<Option<Mark>>> {
    let places = world.workers_by_place();
    let keys: Vec<_> = claims.map(|number| format!("output/{id}/{folder}/{number}.json")).collect();
    let read = |mark: Option<Vec<u8>>| {
        let mark: ClaimMark = serde_json::from_slice(&mark?).ok()?;
        let at = mark.at.as_millis();
        let holder = places.iter().position(|ids| ids.iter().any(|own| own == mark.worker.as_str()));
        Some(Mark { holder, at: (world.began..=now()).contains(&at).then_some(at) })
    };
    Ok(world.bucket.fetch_many(&keys)?.into_iter().map(read).collect())
}

/// Numbers of the claims that were followed by another one without a fault.
fn unexplained(hits: &Hits, kind: Kind, marks: &[Option<Mark>]) -> Vec<usize> {
    let explained = |number: &usize| {
        let (until_it, after) = marks.split_at_checked(*number).unwrap_or((marks, &[]));
        // A claim without a mark began after the last one that has one, and ended before the next one.
        let from = until_it.iter().rev().flatten().find_map(|mark| mark.at).unwrap_or(0);
        let until = after.iter().flatten().find_map(|mark| mark.at).unwrap_or_else(now);
        let holder = until_it.last().and_then(Option::as_ref).and_then(|mark| mark.holder);
        hits.explain(Harm::HandedBack, kind, holder, Span { from, until })
    };
    (1..marks.len()).filter(|number| !explained(number)).collect()
}

/// A restart fails nothing, and neither does a process that is killed; only what goes on for long may.
fn failures(world: &World) {
    let entries = world.ledger.book().entries.clone();
    for (id, entry) in entries.iter().filter(|(_, entry)| entry.told.as_deref() == Some("failed")) {
        let span = life(world, id, entry);
        let explained = |kind| world.hits.explain(Harm::Failed, kind, None, span);
        if !explained(Kind::Worker) && !explained(Kind::Upload) {
            world.ledger.broke(Broken::Untrue, id, "it failed, and nothing explains it");
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::chaos::fault::Fault;
    use crate::chaos::hits::Hit;

    fn mark(holder: usize, at: Millis) -> Mark {
        Mark { holder: Some(holder), at: Some(at) }
    }

    fn struck(place: usize, from: Millis) -> Hits {
        let hits = Hits::default();
        let span = Span { from, until: from + 500 };
        hits.note(Hit { fault: Fault::KillWorker, victim: Some((Kind::Worker, place)), span });
        hits
    }

    #[test]
    fn a_second_claim_needs_a_fault_that_hit_the_holder_of_the_first() {
        let marks = [mark(1, 100_000), mark(2, 110_000)].map(Some);
        assert_eq!(unexplained(&struck(1, 101_000), Kind::Worker, &marks), Vec::<usize>::new());
        assert_eq!(unexplained(&struck(2, 101_000), Kind::Worker, &marks), [1]);
        assert_eq!(unexplained(&struck(1, 150_000), Kind::Worker, &marks), [1]);
        assert_eq!(unexplained(&Hits::default(), Kind::Worker, &marks), [1]);
    }

    #[test]
    fn a_claim_that_nobody_heard_of_may_have_been_anybodys() {
        let marks = [Some(mark(1, 100_000)), None, Some(mark(2, 120_000))];
        assert_eq!(unexplained(&struck(1, 101_000), Kind::Worker, &marks), Vec::<usize>::new());
        assert_eq!(unexplained(&struck(3, 110_000), Kind::Worker, &marks), [1]);
    }
}
