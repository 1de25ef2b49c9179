//! What struck whom and when: a job that was taken up more than once, or that failed, has to be explained by it.

use std::sync::{Mutex, PoisonError};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use super::fault::Fault;
use super::fleet::Kind;
use super::world::LEASE;

/// Connections that a fault broke are noticed by the next call on them, and a lease hangs on that call.
const AFTERMATH: Duration = LEASE;
/// The clocks that are compared are one machine's, read at different moments.
const BLUR: Duration = Duration::from_millis(500);

/// What a fault can do to the jobs of those whom it strikes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Harm {
    /// Nothing: they go on.
    None,
    /// They are handed back and taken up again, as if they had never been taken.
    HandedBack,
    /// They are taken up again, and each time costs one of their attempts.
    Attempt,
}

/// Milliseconds since the Unix epoch, as claims are stamped.
pub(super) type Millis = u64;

/// A stretch of time.
#[derive(Clone, Copy, Debug)]
pub(super) struct Span {
    pub(super) from: Millis,
    pub(super) until: Millis,
}

/// A blow that was dealt.
#[derive(Clone, Debug)]
pub(super) struct Hit {
    pub(super) fault: Fault,
    /// The one process that it was dealt to, by kind and place; otherwise everybody whom the fault reaches.
    pub(super) victim: Option<(Kind, usize)>,
    pub(super) span: Span,
}

impl Hit {
    /// Whether it can have cost a process of this kind (the one at `place`, if that is known) its job in this time.
    fn explains(&self, kind: Kind, place: Option<usize>, span: Span) -> bool {
        let reaches = match (self.victim, place) {
            (Some((struck, at)), Some(place)) => struck == kind && at == place,
            (Some((struck, _)), None) => struck == kind,
            (None, _) => self.fault.reaches(kind),
        };
        reaches && self.overlaps(span)
    }

    /// Whether it, or what it broke, was there in this time.
    fn overlaps(&self, span: Span) -> bool {
        let after = millis(AFTERMATH + BLUR);
        self.span.from <= span.until + millis(BLUR) && self.span.until + after >= span.from
    }
}

/// All of a run.
#[derive(Debug, Default)]
pub(super) struct Hits(Mutex<Vec<Hit>>);

impl Hits {
    pub(super) fn note(&self, hit: Hit) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).push(hit);
    }

    /// Whether a fault that does at least this explains what happened to a process of this kind (the one at `place`, if
    /// that is known) in this time.
    pub(super) fn explain(&self, harm: Harm, kind: Kind, place: Option<usize>, span: Span) -> bool {
        let hits = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        hits.iter().any(|hit| hit.fault.harm() >= harm && hit.explains(kind, place, span))
    }

    /// Whether such a blow was there in this time.
    pub(super) fn struck(&self, span: Span, is_one: impl Fn(&Hit) -> bool) -> bool {
        let hits = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        hits.iter().any(|hit| is_one(hit) && hit.overlaps(span))
    }
}

/// The machine's clock.
pub(super) fn now() -> Millis {
    SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, millis)
}

pub(super) fn millis(span: Duration) -> Millis {
    u64::try_from(span.as_millis()).unwrap_or(u64::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    const LATE: Span = Span { from: 60_000, until: 61_000 };

    fn hits(fault: Fault, victim: Option<(Kind, usize)>) -> Hits {
        let hits = Hits::default();
        hits.note(Hit { fault, victim, span: Span { from: 10_000, until: 11_000 } });
        hits
    }

    #[test]
    fn a_blow_explains_what_happened_to_its_victim_in_its_time_and_nothing_else() {
        let hits = hits(Fault::KillWorker, Some((Kind::Worker, 3)));
        let at = |kind, place, span| hits.explain(Harm::HandedBack, kind, place, span);
        let during = Span { from: 9000, until: 20_000 };
        assert!(at(Kind::Worker, Some(3), during) && at(Kind::Worker, None, during));
        assert!(!at(Kind::Worker, Some(4), during) && !at(Kind::Upload, None, during));
        assert!(!at(Kind::Worker, Some(3), LATE));
        let killed = |place, span| hits.struck(span, |hit| hit.victim.is_some_and(|(_, at)| at == place));
        assert!(killed(3, during) && !killed(4, during) && !killed(3, LATE));
    }

    #[test]
    fn a_server_that_is_away_explains_what_happened_to_everybody_who_needs_it() {
        let hits = hits(Fault::EngineAway, None);
        let soon = Span { from: 11_500, until: 20_000 };
        assert!(hits.explain(Harm::Attempt, Kind::Worker, Some(3), soon));
        assert!(!hits.explain(Harm::Attempt, Kind::Upload, None, soon));
    }

    #[test]
    fn a_restart_hands_back_and_fails_nothing() {
        let hits = hits(Fault::Roll, None);
        let during = Span { from: 9000, until: 20_000 };
        assert!(hits.explain(Harm::HandedBack, Kind::Worker, Some(1), during));
        assert!(!hits.explain(Harm::Attempt, Kind::Worker, Some(1), during));
    }
}
