//! How a run went: a table for people, one object for scripts.

use std::collections::BTreeMap;
use std::time::Duration;

use serde::Serialize;
use serde_json::json;

use super::judge::Seen;
use super::ledger::{Broken, Finding};
use super::recorder::Recorder;
use super::world::World;
use crate::console::say;

/// Findings of each kind that are listed; all are in the folder of the logs.
const SHOWN: usize = 8;

/// How a run is reported.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Print {
    Text,
    Json,
}

/// What a run came to.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Outcome {
    pub(super) seed: u64,
    pub(super) seconds: u64,
    pub(super) deployments: usize,
    pub(super) ends: BTreeMap<String, u64>,
    pub(super) transitions: u64,
    pub(super) faults: BTreeMap<String, u64>,
    pub(super) lost_replies: u64,
    pub(super) duplicates: u64,
    pub(super) garbage: u64,
    pub(super) answers: BTreeMap<String, u64>,
    pub(super) broken: BTreeMap<String, u64>,
    /// From acknowledgement to end, in seconds: median, 99th percentile, longest.
    pub(super) to_end: [f64; 3],
    /// From the end of the last fault until all had ended, in seconds.
    pub(super) settled: f64,
    /// Jobs that were taken up more than once.
    pub(super) again: u64,
    /// What each kind of process had before the faults and after them.
    pub(super) held: BTreeMap<String, String>,
    pub(super) findings: Vec<Finding>,
}

/// What only the run itself knows.
pub(super) struct Told {
    pub(super) seed: u64,
    pub(super) lasting: Duration,
    pub(super) seen: Seen,
    pub(super) faults: BTreeMap<String, u64>,
    pub(super) duplicates: u64,
    pub(super) garbage: u64,
}

impl Outcome {
    pub(super) fn of(world: &World, told: Told) -> Self {
        let book = world.ledger.book();
        let mut ends = BTreeMap::new();
        for entry in book.entries.values() {
            *ends.entry(entry.told.clone().unwrap_or_else(|| "unfinished".to_owned())).or_default() += 1;
        }
        let count = |broken| book.findings.iter().filter(|finding| finding.broken == broken).count() as u64;
        let broken = Broken::ALL.map(|broken| (format!("{broken:?}").to_lowercase(), count(broken)));
        let answers =
            book.answers.iter().map(|((route, status), count)| (format!("{route} {status}"), *count));
        let (links, recorder) = (&world.links, &world.recorder);
        let since = |id: &String, at| {
            let entry = book.entries.get(id)?;
            Some(std::time::Instant::saturating_duration_since(&at, entry.acknowledged))
        };
        // A guard inside the expression below would live as long as it.
        let transitions = recorder.record().events;
        Self {
            seed: told.seed,
            seconds: told.lasting.as_secs(),
            deployments: book.entries.len(),
            ends,
            transitions,
            faults: told.faults,
            lost_replies: links.uploads.lost_replies() + links.workers.lost_replies(),
            duplicates: told.duplicates,
            garbage: told.garbage,
            answers: answers.collect(),
            broken: broken.into_iter().collect(),
            to_end: percentiles(first_ends(recorder, since)),
            settled: told.seen.settled.as_secs_f64(),
            again: told.seen.again,
            held: told.seen.held,
            findings: book.findings.clone(),
        }
    }

    pub(super) fn holds(&self) -> bool {
        self.findings.is_empty()
    }

    pub(super) fn print(&self, how: Print) {
        if how == Print::Json {
            say(&json!(self).to_string());
            return;
        }
        let list = |counts: &BTreeMap<String, u64>| {
            counts.iter().map(|(name, count)| format!("{name} {count}")).collect::<Vec<_>>().join(", ")
        };
        let [median, late, longest] = self.to_end;
        say(&format!("seed {}, {} s of faults", self.seed, self.seconds));
        say(&format!("deployments    {} ({})", self.deployments, list(&self.ends)));
        say(&format!("transitions    {}", self.transitions));
        say(&format!("faults         {} ({})", self.faults.values().sum::<u64>(), list(&self.faults)));
        say(&format!("lost replies   {}", self.lost_replies));
        say(&format!("in the queue   {} duplicates, {} pieces of garbage", self.duplicates, self.garbage));
        say(&format!("answers        {}", list(&self.answers)));
        say(&format!("ack to end     p50 {median:.1} s, p99 {late:.1} s, longest {longest:.1} s"));
        say(&format!("all ended      {:.1} s after the last fault", self.settled));
        say(&format!("taken up again {}", self.again));
        for (kind, held) in &self.held {
            say(&format!("{kind:<15}{held}"));
        }
        say(&format!("broken         {}", list(&self.broken)));
        for kind in Broken::ALL {
            for finding in self.findings.iter().filter(|finding| finding.broken == kind).take(SHOWN) {
                say(&format!("  {:?}: {}: {}", finding.broken, finding.id, finding.what));
            }
        }
    }
}

fn first_ends(
    recorder: &Recorder,
    since: impl Fn(&String, std::time::Instant) -> Option<Duration>,
) -> Vec<Duration> {
    let record = recorder.record();
    let ends = record.ends.iter();
    ends.filter_map(|(id, ends)| since(id, ends.first()?.at)).collect()
}

fn percentiles(mut times: Vec<Duration>) -> [f64; 3] {
    times.sort_unstable();
    let at = |per_cent: usize| {
        let place = times.len().saturating_sub(1) * per_cent / 100;
        times.get(place).map_or(0.0, Duration::as_secs_f64)
    };
    [at(50), at(99), at(100)]
}
