//! How long something in the build queue will probably wait: the claims to come are played through, by the rule that workers
//! go by, on the slots there are, with builds as long as the last ones were.
//!
//! What it is not: a promise. It says nothing while too little is known, and nothing of what is too far back for fairness to
//! look at it.

use std::time::Duration;

/// How far fairness looks (reliability.md §2), and so an estimate.
pub(crate) const WINDOW: usize = 512;
/// Builds that are remembered: enough for a middle that one odd build does not move.
pub(crate) const REMEMBERED: usize = 20;
/// Of fewer there is no middle worth telling.
const FEWEST: usize = 3;

/// The build queue as it stands, with its groups as small numbers.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct BuildLine {
    /// The group of each that waits, oldest first.
    pub(crate) waiting: Vec<usize>,
    /// Which of these is asked about.
    pub(crate) place: usize,
    /// Everything that runs.
    pub(crate) running: Vec<Running>,
    /// How long the last builds held their slots.
    pub(crate) lasted: Vec<Duration>,
}

/// A build in somebody's hands: how long already, or (played through) until when.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Running {
    pub(crate) group: usize,
    pub(crate) span: Duration,
}

impl BuildLine {
    /// How long until the one that is asked about is claimed; `None` when nothing honest can be said.
    pub(crate) fn expected_wait(&self, slots: usize) -> Option<Duration> {
        let usual = self.usual()?;
        let mut busy = self.busy_until(slots);
        let (mut waiting, mut now) =
            (self.waiting.iter().copied().enumerate().collect::<Vec<_>>(), Duration::ZERO);
        if slots == 0 {
            return None;
        }
        loop {
            if busy.len() >= slots {
                now = now.max(release_next(&mut busy)?);
            }
            let (place, group) = waiting.remove(fairest(&waiting, &busy)?);
            if place == self.place {
                return Some(now);
            }
            busy.push(Running { group, span: now + usual });
        }
    }

    fn usual(&self) -> Option<Duration> {
        if self.lasted.len() < FEWEST { None } else { middle(self.lasted.clone()) }
    }

    /// When each slot that is taken comes free. Of more builds than slots the longest count: a slot that died comes not free.
    fn busy_until(&self, slots: usize) -> Vec<Running> {
        let left = |build: &Running| Running { span: self.still(build.span), ..*build };
        let mut busy: Vec<Running> = self.running.iter().map(left).collect();
        busy.sort_by_key(|build| std::cmp::Reverse(build.span));
        busy.truncate(slots);
        busy
    }

    /// What a build still needs that has taken so long: as much as the middle one of those that took longer.
    fn still(&self, so_far: Duration) -> Duration {
        let longer = self.lasted.iter().filter(|lasted| **lasted > so_far);
        middle(longer.copied().collect()).map_or(Duration::ZERO, |whole| whole.saturating_sub(so_far))
    }
}

/// The slot that comes free next, and when.
fn release_next(busy: &mut Vec<Running>) -> Option<Duration> {
    let (place, _) = busy.iter().enumerate().min_by_key(|(_, build)| build.span)?;
    Some(busy.swap_remove(place).span)
}

/// The oldest of the group with the fewest running builds, as a claim takes it.
fn fairest(waiting: &[(usize, usize)], busy: &[Running]) -> Option<usize> {
    let running = |group: usize| busy.iter().filter(|build| build.group == group).count();
    let (place, _) = waiting.iter().enumerate().min_by_key(|(_, (_, group))| running(*group))?;
    Some(place)
}

fn middle(mut spans: Vec<Duration>) -> Option<Duration> {
    spans.sort_unstable();
    spans.get(spans.len() / 2).copied()
}

#[cfg(test)]
mod tests {
    use super::*;

    const MINUTE: Duration = Duration::from_mins(1);

    fn line(waiting: &[usize], place: usize) -> BuildLine {
        BuildLine { waiting: waiting.to_vec(), place, running: Vec::new(), lasted: vec![MINUTE; 3] }
    }

    #[test]
    fn what_is_first_and_has_a_slot_does_not_wait() {
        assert_eq!(line(&[0], 0).expected_wait(1), Some(Duration::ZERO));
        assert_eq!(line(&[0, 0], 1).expected_wait(2), Some(Duration::ZERO));
    }

    #[test]
    fn everything_that_goes_first_takes_its_time_on_the_slots_there_are() {
        let third = line(&[0, 0, 0, 0], 3);
        assert_eq!(third.expected_wait(1), Some(3 * MINUTE));
        assert_eq!(third.expected_wait(2), Some(MINUTE));
    }

    #[test]
    fn a_flood_of_one_group_goes_after_the_first_of_another() {
        let mut flood = vec![0; 100];
        flood.push(1);
        assert_eq!(line(&flood, 100).expected_wait(2), Some(Duration::ZERO));
        assert_eq!(line(&flood, 1).expected_wait(2), Some(MINUTE), "and that one waits for it");
    }

    #[test]
    fn a_build_that_runs_is_over_after_what_is_left_of_it() {
        let running = vec![Running { group: 0, span: Duration::from_secs(45) }];
        let next = BuildLine { running, ..line(&[0], 0) };
        assert_eq!(next.expected_wait(1), Some(Duration::from_secs(15)));
        let overdue = vec![Running { group: 0, span: 5 * MINUTE }];
        let next = BuildLine { running: overdue, ..line(&[0], 0) };
        assert_eq!(next.expected_wait(1), Some(Duration::ZERO), "any moment, as far as anybody knows");
    }

    #[test]
    fn one_odd_build_moves_nothing() {
        let lasted = vec![MINUTE, 100 * MINUTE, MINUTE];
        let second = BuildLine { lasted, ..line(&[0, 0], 1) };
        assert_eq!(second.expected_wait(1), Some(MINUTE));
    }

    #[test]
    fn where_too_little_is_known_nothing_is_said() {
        assert_eq!(line(&[0], 0).expected_wait(0), None, "nobody builds");
        let new = BuildLine { lasted: vec![MINUTE; 2], ..line(&[0], 0) };
        assert_eq!(new.expected_wait(1), None, "nobody knows how long builds take here");
        assert_eq!(line(&[0], 7).expected_wait(1), None, "it is not there");
    }
}
