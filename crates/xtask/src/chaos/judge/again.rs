//! Nothing is built twice and nothing fails, but where a fault explains it: what is deployed under chaos is sound.

use std::ops::RangeInclusive;

use anyhow::Result;
use shipstack_types::ClaimMark;

use super::ends::ATTEMPTS;
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
            let marks = marks(world, &id, (folder, 1..=claims))?;
            for number in (Claims { kind, marks: &marks, ended: now() }).unexplained(&world.hits) {
                let what =
                    format!("{folder}: claim {number} was followed by another, and no fault had hit it");
                world.ledger.broke(Broken::Again, &id, what);
            }
        }
    }
    failures(world)?;
    Ok(again)
}

/// Ids with more than one claim, and how many they have.
fn claimed_again(world: &World, counter: &str) -> Result<Vec<(String, i64)>> {
    let mut observer = Observer::connect(&world.redis)?;
    let mut found = Vec::new();
    for id in world.ledger.ids() {
        let claims = claims(&mut observer, &id, counter)?;
        if claims > 1 {
            found.push((id, claims));
        }
    }
    Ok(found)
}

/// How many claims of this kind the job has.
fn claims(observer: &mut Observer, id: &str, counter: &str) -> Result<i64> {
    Ok(number(&observer.ask(&["HMGET", &format!("job:{id}"), counter])?, 0))
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

/// Claims of one job and kind, in their order, until its end.
struct Claims<'a> {
    kind: Kind,
    marks: &'a [Option<Mark>],
    /// When it ended, or now.
    ended: Millis,
}

impl Claims<'_> {
    /// Whether a fault that does at least this explains how the claim with this number came to nothing.
    fn explained(&self, hits: &Hits, harm: Harm, number: usize) -> bool {
        let (until_it, after) = self.marks.split_at_checked(number).unwrap_or((self.marks, &[]));
        // A claim without a mark began after the last one that has one, and ended before the next one.
        let from = until_it.iter().rev().flatten().find_map(|mark| mark.at).unwrap_or(0);
        let until = after.iter().flatten().find_map(|mark| mark.at).unwrap_or(self.ended);
        let holder = until_it.last().and_then(Option::as_ref).and_then(|mark| mark.holder);
        hits.explain(harm, self.kind, holder, Span { from, until })
    }

    /// Numbers of the claims that were followed by another one without a fault.
    fn unexplained(&self, hits: &Hits) -> Vec<usize> {
        (1..self.marks.len()).filter(|number| !self.explained(hits, Harm::HandedBack, *number)).collect()
    }

    /// How many attempts faults have cost it.
    fn attempts_lost(&self, hits: &Hits) -> usize {
        (1..=self.marks.len()).filter(|number| self.explained(hits, Harm::Attempt, *number)).count()
    }
}

/// A restart fails nothing, and neither does a process that is killed: it takes as many faults as a job has attempts, each
/// of which hit whoever held it then.
fn failures(world: &World) -> Result<()> {
    let mut observer = Observer::connect(&world.redis)?;
    let entries = world.ledger.book().entries.clone();
    for (id, entry) in entries.iter().filter(|(_, entry)| entry.told.as_deref() == Some("failed")) {
        let ended = life(world, id, entry).until;
        let mut lost = Vec::new();
        for (counter, folder, kind) in QUEUES {
            let marks = marks(world, id, (folder, 1..=claims(&mut observer, id, counter)?))?;
            lost.push(Claims { kind, marks: &marks, ended }.attempts_lost(&world.hits));
        }
        if lost.iter().all(|lost| *lost < usize::from(ATTEMPTS)) {
            let what = format!("it failed, and faults explain {lost:?} lost attempts at build and intake");
            world.ledger.broke(Broken::Untrue, id, what);
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::chaos::fault::Fault;
    use crate::chaos::hits::Hit;

    fn mark(holder: usize, at: Millis) -> Mark {
        Mark { holder: Some(holder), at: Some(at) }
    }

    fn hit(fault: Fault, victim: Option<(Kind, usize)>, from: Millis) -> Hit {
        Hit { fault, victim, span: Span { from, until: from + 500 } }
    }

    fn hits<const N: usize>(struck: [Hit; N]) -> Hits {
        let hits = Hits::default();
        for hit in struck {
            hits.note(hit);
        }
        hits
    }

    fn struck(place: usize, from: Millis) -> Hits {
        hits([hit(Fault::KillWorker, Some((Kind::Worker, place)), from)])
    }

    fn unexplained(hits: &Hits, marks: &[Option<Mark>]) -> Vec<usize> {
        Claims { kind: Kind::Worker, marks, ended: 900_000 }.unexplained(hits)
    }

    #[test]
    fn a_second_claim_needs_a_fault_that_hit_the_holder_of_the_first() {
        let marks = [mark(1, 100_000), mark(2, 110_000)].map(Some);
        assert_eq!(unexplained(&struck(1, 101_000), &marks), Vec::<usize>::new());
        assert_eq!(unexplained(&struck(2, 101_000), &marks), [1]);
        assert_eq!(unexplained(&struck(1, 150_000), &marks), [1]);
        assert_eq!(unexplained(&Hits::default(), &marks), [1]);
    }

    #[test]
    fn a_claim_that_nobody_heard_of_may_have_been_anybodys() {
        let marks = [Some(mark(1, 100_000)), None, Some(mark(2, 120_000))];
        assert_eq!(unexplained(&struck(1, 101_000), &marks), Vec::<usize>::new());
        assert_eq!(unexplained(&struck(3, 110_000), &marks), [1]);
    }

    #[test]
    fn an_attempt_is_lost_to_a_fault_that_hit_its_holder_before_the_end() {
        let marks = [mark(1, 100_000), mark(1, 110_000), mark(2, 120_000)].map(Some);
        let lost =
            |hits: &Hits, ended| Claims { kind: Kind::Worker, marks: &marks, ended }.attempts_lost(hits);
        let killed = |place, from| hit(Fault::KillWorker, Some((Kind::Worker, place)), from);
        assert_eq!(lost(&hits([killed(1, 101_000)]), 130_000), 1);
        assert_eq!(lost(&hits([killed(1, 101_000), killed(1, 112_000), killed(2, 121_000)]), 130_000), 3);
        assert_eq!(lost(&hits([killed(2, 140_000)]), 130_000), 0);
        let rolled = hits([101_000, 111_000, 121_000].map(|from| hit(Fault::Roll, None, from)));
        assert_eq!(lost(&rolled, 130_000), 0);
    }
}
