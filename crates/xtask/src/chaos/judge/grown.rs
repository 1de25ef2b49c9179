//! Memory and descriptors come back to where they were before the faults: a leak of a little for each deployment or each
//! broken connection shows.
//!
//! What counts as memory is the anonymous part (heap and stacks): pages of the program itself come and go with the
//! machine's cache. A process that was started again meanwhile is held to the same measure.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::time::{Duration, Instant};

use crate::chaos::fleet::Kind;
use crate::chaos::ledger::Broken;
use crate::chaos::world::World;

/// Pools keep connections that have nothing to do for up to a minute and a half.
const PATIENCE: Duration = Duration::from_secs(100);
const LOOK_EVERY: Duration = Duration::from_millis(500);
/// How long nothing may have changed before a process counts as quiet (longer than our clients keep a connection that
/// they do not use), and how long that is waited for.
const QUIET: [Duration; 2] = [Duration::from_secs(4), Duration::from_secs(20)];
/// Descriptors that may be open beyond the baseline: pools that are one larger than then, to Redis, the store and the
/// engine, in each of a worker's four slots. One for every deployment or every cut would be a multiple of it.
const DESCRIPTORS: u64 = 12;
/// Memory that may be in use beyond the baseline, which is about as much: an allocator keeps what was needed at once, here
/// some archives, logs and manifests for each of a few threads. What ten minutes take in is a multiple of it.
const MEMORY: u64 = 16 << 20;

/// What a process has.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(in crate::chaos) struct Held {
    descriptors: u64,
    memory: u64,
}

/// What a quiet process of each kind has.
#[derive(Clone, Debug, Default)]
pub(in crate::chaos) struct Baseline(BTreeMap<Kind, Held>);

impl Baseline {
    /// Waits until nothing changes any more, and takes what the largest of each kind has.
    pub(in crate::chaos) async fn of(world: &World) -> Self {
        let [still, at_most] = QUIET;
        let (began, mut changed, mut seen) = (Instant::now(), Instant::now(), descriptors(world));
        while changed.elapsed() < still && began.elapsed() < at_most {
            tokio::time::sleep(LOOK_EVERY).await;
            let now = descriptors(world);
            if now != seen {
                (changed, seen) = (Instant::now(), now);
            }
        }
        Self(largest(world))
    }
}

/// Waits until every process is back; who is not then has leaked. Answers by how much each kind has grown at most.
pub(super) async fn everything_came_back(world: &World, baseline: &Baseline) -> BTreeMap<String, String> {
    let started = Instant::now();
    while !grown(world, baseline).is_empty() && started.elapsed() < PATIENCE {
        tokio::time::sleep(LOOK_EVERY).await;
    }
    for (name, what) in grown(world, baseline) {
        world.ledger.broke(Broken::Leaked, &name, what);
    }
    told(world, baseline)
}

fn grown(world: &World, baseline: &Baseline) -> Vec<(String, String)> {
    let of = |(kind, name, held)| Some((name, too_much(*baseline.0.get(&kind)?, held)?));
    held(world).into_iter().filter_map(of).collect()
}

fn too_much(before: Held, after: Held) -> Option<String> {
    let mut what = String::new();
    if after.descriptors > before.descriptors + DESCRIPTORS {
        let _fits = write!(what, "{} descriptors after {}. ", after.descriptors, before.descriptors);
    }
    if after.memory > before.memory + MEMORY {
        let _fits = write!(what, "{} MiB of memory after {}", after.memory >> 20, before.memory >> 20);
    }
    (!what.is_empty()).then_some(what)
}

/// For the report.
fn told(world: &World, baseline: &Baseline) -> BTreeMap<String, String> {
    let line = |(kind, after): (Kind, Held)| {
        let before = baseline.0.get(&kind).copied().unwrap_or_default();
        let descriptors = format!("{} to {} descriptors", before.descriptors, after.descriptors);
        (
            kind.program().to_owned(),
            format!("{descriptors}, {} to {} MiB", before.memory >> 20, after.memory >> 20),
        )
    };
    largest(world).into_iter().map(line).collect()
}

fn largest(world: &World) -> BTreeMap<Kind, Held> {
    let mut largest: BTreeMap<Kind, Held> = BTreeMap::new();
    for (kind, _, held) in held(world) {
        let of_kind = largest.entry(kind).or_default();
        of_kind.descriptors = of_kind.descriptors.max(held.descriptors);
        of_kind.memory = of_kind.memory.max(held.memory);
    }
    largest
}

fn descriptors(world: &World) -> Vec<u64> {
    held(world).into_iter().map(|(_, _, held)| held.descriptors).collect()
}

/// What each process that runs has.
fn held(world: &World) -> Vec<(Kind, String, Held)> {
    let running = world.fleet().running();
    running.into_iter().filter_map(|(kind, name, pid)| Some((kind, name, of_process(pid)?))).collect()
}

fn of_process(pid: i32) -> Option<Held> {
    let status = std::fs::read_to_string(format!("/proc/{pid}/status")).ok()?;
    let descriptors = std::fs::read_dir(format!("/proc/{pid}/fd")).ok()?.count();
    Some(Held { descriptors: u64::try_from(descriptors).ok()?, memory: anonymous(&status)? })
}

fn anonymous(status: &str) -> Option<u64> {
    let line = status.lines().find_map(|line| line.strip_prefix("RssAnon:"))?;
    let kib: u64 = line.trim().strip_suffix("kB")?.trim().parse().ok()?;
    kib.checked_mul(1024)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_process_may_grow_a_little_and_not_more() {
        let before = Held { descriptors: 30, memory: 40 << 20 };
        let after = |descriptors, mib: u64| too_much(before, Held { descriptors, memory: mib << 20 });
        assert_eq!(after(30 + DESCRIPTORS, 40), None);
        assert!(after(31 + DESCRIPTORS, 40).is_some_and(|what| what.contains("descriptors after 30")));
        assert!(after(10, 200).is_some_and(|what| what.contains("200 MiB")));
    }

    #[test]
    fn this_process_has_descriptors_and_memory() {
        let pid = i32::try_from(std::process::id()).unwrap();
        let before = of_process(pid).unwrap();
        let files: Vec<_> = (0..20).map(|_| std::fs::File::open("/proc/self/status").unwrap()).collect();
        let after = of_process(pid).unwrap();
        assert!(before.memory > 0 && after.descriptors >= before.descriptors + 20, "{before:?} {after:?}");
        drop(files);
    }
}
