//! What goes wrong when: laid down by the seed before anything starts, so that a run can be done again.

use std::sync::Arc;
use std::time::Duration;

use anyhow::Result;

use super::fault::Fault;
use super::hits::{Hit, Span, now};
use super::random::Random;
use super::world::World;

/// One blow.
#[derive(Clone, Debug)]
pub(super) struct Blow {
    pub(super) at: Duration,
    pub(super) lasting: Duration,
    pub(super) fault: Fault,
    pub(super) random: Random,
}

impl Blow {
    /// Deals it, and notes whom it struck and when.
    pub(super) async fn strike(mut self, world: &Arc<World>) -> Result<()> {
        let victim = world.fleet().one_of(self.fault.victims(), &mut self.random);
        let place = victim.map_or(0, |(_, place)| place);
        let from = now();
        let outcome = self.fault.strike(world, self.lasting, (place, self.random)).await;
        world.hits.note(Hit { fault: self.fault, victim, span: Span { from, until: now() } });
        outcome
    }
}

/// Quiet before the first fault, so that there is something to hit.
const WARM: Duration = Duration::from_secs(2);
/// Two blows of one kind in its own time are at most this far apart.
const APART: Duration = Duration::from_millis(1500);
/// The time that a kind has for itself.
const OWN_TIME: [Duration; 2] = [Duration::from_secs(5), Duration::from_secs(25)];

/// Each kind in a time of its own, then all mixed: mixed faults heal each other's bugs. However short a run is, every
/// server is away in it for a while.
pub(super) fn schedule(faults: &[Fault], lasting: Duration, random: &mut Random) -> Vec<Blow> {
    let mut order = faults.to_vec();
    shuffle(&mut order, random);
    order.sort_by_key(|fault| !fault.is_absence());
    let alone = lasting.mul_f64(if order.len() > 1 { 0.6 } else { 1.0 });
    let [least, most] = OWN_TIME;
    let count = u32::try_from(order.len()).unwrap_or(u32::MAX).max(1);
    let own = if count == 1 { alone } else { (alone / count).clamp(least, most) };
    let mut blows = Vec::new();
    let mut at = WARM;
    for fault in order.iter().copied() {
        if at + own > alone + WARM {
            break;
        }
        let end = at + own;
        while at < end {
            let blow = blow(fault, at, random);
            at += fault.in_all(blow.lasting).max(least_rest(fault)) + random.between(Duration::ZERO, APART);
            blows.push(blow);
        }
    }
    while at < lasting {
        if let Some(fault) = random.pick(&order).copied() {
            blows.push(blow(fault, at, random));
        }
        at += random.between(Duration::from_millis(400), Duration::from_millis(2500));
    }
    blows.retain(|blow| blow.at < lasting);
    blows
}

/// What takes a while to get over.
fn least_rest(fault: Fault) -> Duration {
    match fault {
        Fault::StoreFullDisk
        | Fault::Upgrade
        | Fault::Roll
        | Fault::RedisEmpty
        | Fault::RedisForget
        | Fault::EngineKill => Duration::from_secs(5),
        _ => Duration::from_millis(300),
    }
}

fn blow(fault: Fault, at: Duration, random: &mut Random) -> Blow {
    Blow { at, lasting: fault.lasting(random), fault, random: random.fork() }
}

fn shuffle<T>(items: &mut [T], random: &mut Random) {
    for last in (1..items.len()).rev() {
        let other = random.below(u64::try_from(last).unwrap_or(u64::MAX).saturating_add(1));
        items.swap(last, usize::try_from(other).unwrap_or(0));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn laid_down(seed: u64, lasting: Duration) -> Vec<(Duration, Fault)> {
        let blows = schedule(&Fault::usual(), lasting, &mut Random::new(seed));
        blows.iter().map(|blow| (blow.at, blow.fault)).collect()
    }

    #[test]
    fn a_seed_lays_down_the_same_blows_every_time() {
        let minute = Duration::from_mins(1);
        assert_eq!(laid_down(3, minute), laid_down(3, minute));
        assert_ne!(laid_down(3, minute), laid_down(4, minute));
    }

    #[test]
    fn ten_minutes_have_every_kind_of_fault() {
        let blows = laid_down(1, Duration::from_mins(10));
        for fault in Fault::usual() {
            assert!(blows.iter().any(|(_, struck)| *struck == fault), "{fault:?}");
        }
    }
}
