//! Nothing is built twice and nothing fails, but where a fault explains it: what is deployed under chaos is sound.

use std::collections::HashMap;
use std::ops::RangeInclusive;

use anyhow::Result;
use shipstack_types::{ClaimMark, ResultRecord};

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

/// Numbers of the newest claims of all jobs, by id and folder, from what Redis says and from the marks in the store: a
/// Redis that was emptied does not know of claims of what had ended.
struct Newest(HashMap<(String, &'static str), i64>);

impl Newest {
    fn of(world: &World) -> Result<Self> {
        let mut newest = HashMap::new();
        let mut observer = Observer::connect(&world.redis)?;
        for id in world.ledger.ids() {
            for (counter, folder, _) in QUEUES {
                let claims = number(&observer.ask(&["HMGET", &format!("job:{id}"), counter])?, 0);
                newest.insert((id.clone(), folder), claims);
            }
        }
        for (id, folder, claim) in world.bucket.keys()?.iter().filter_map(|key| claim_of(key)) {
            if let Some(claims) = newest.get_mut(&(id.to_owned(), folder)) {
                *claims = claim.max(*claims);
            }
        }
        Ok(Self(newest))
    }

    /// 0 for a job that was never taken.
    fn of_job(&self, id: &str, folder: &'static str) -> i64 {
        self.0.get(&(id.to_owned(), folder)).copied().unwrap_or(0)
    }
}

/// Id, folder and number of the claim whose mark has this key.
fn claim_of(key: &str) -> Option<(&str, &'static str, i64)> {
    let (id, mark) = key.strip_prefix("output/")?.split_once('/')?;
    let (folder, number) = mark.split_once('/')?;
    let (_, folder, _) = QUEUES.into_iter().find(|(_, own, _)| *own == folder)?;
    Some((id, folder, number.strip_suffix(".json")?.parse().ok()?))
}

/// Looks at every job with more than one claim, and at every one that failed. Answers how many were taken up again.
pub(super) fn only_where_a_fault_hit(world: &World) -> Result<u64> {
    let newest = Newest::of(world)?;
    let mut again = 0;
    for id in world.ledger.ids() {
        for (_, folder, kind) in QUEUES {
            let claims = newest.of_job(&id, folder);
            if claims < 2 {
                continue;
            }
            again += 1;
            let marks = marks(world, &id, (folder, 1..=claims))?;
            for number in (Claims { kind, marks: &marks, ended: now() }).unexplained(&world.hits) {
                let what =
                    format!("{folder}: claim {number} was followed by another, and no fault had hit it");
                world.ledger.broke(Broken::Again, &id, what);
            }
        }
    }
    failures(world, &newest)?;
    Ok(again)
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
fn failures(world: &World, newest: &Newest) -> Result<()> {
    let entries = world.ledger.book().entries.clone();
    for (id, entry) in entries.iter().filter(|(_, entry)| entry.told.as_deref() == Some("failed")) {
        let ended = life(world, id, entry).until;
        // A Redis that was emptied later does not know of a claim that its holder never heard of either.
        let attempts = attempts(world, id)?;
        let ended_in = if newest.of_job(id, "claims") > 0 { "claims" } else { "intake" };
        let (mut lost, mut claims) = (Vec::new(), Vec::new());
        for (_, folder, kind) in QUEUES {
            let mut taken = newest.of_job(id, folder);
            if folder == ended_in {
                taken = taken.max(attempts);
            }
            let marks = marks(world, id, (folder, 1..=taken))?;
            lost.push(Claims { kind, marks: &marks, ended }.attempts_lost(&world.hits));
            claims.push(marks);
        }
        if lost.iter().all(|lost| *lost < usize::from(ATTEMPTS)) {
            world.ledger.broke(
                Broken::Untrue,
                id,
                format!(
                    "it failed at {ended}, and faults explain {lost:?} lost attempts at build and intake: {claims:?}"
                ),
            );
        }
    }
    Ok(())
}

/// As its result says.
fn attempts(world: &World, id: &str) -> Result<i64> {
    let results = world.bucket.fetch_many(&[format!("output/{id}/result.json")])?;
    let result = results.into_iter().flatten().next();
    let result: Option<ResultRecord> = result.and_then(|bytes| serde_json::from_slice(&bytes).ok());
    Ok(result.map_or(0, |result| i64::from(result.attempt)))
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
    fn a_mark_is_known_by_its_key() {
        assert_eq!(claim_of("output/abc/claims/12.json"), Some(("abc", "claims", 12)));
        assert_eq!(claim_of("output/abc/intake/1.json"), Some(("abc", "intake", 1)));
        for other in
            ["output/abc/claims/1/build.log.zst", "output/abc/dist/claims/1.json", "output/abc/result.json"]
        {
            assert_eq!(claim_of(other), None, "{other}");
        }
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
