//! The Lua scripts: each is the names, the rules, the shared prelude and one file.
//!
//! Every script may be repeated after any connection error with the same arguments: a repeat gets the same answer or
//! finds that there is nothing left to do.

use super::key;
use crate::Timing;
use crate::nets::Net;
use std::time::Duration;

#[cfg(not(test))]
const CLOCK: &str = include_str!("clock.lua");
#[cfg(test)]
const CLOCK: &str = include_str!("test_clock.lua");

const PRELUDE: [&str; 5] = [
    CLOCK,
    include_str!("job.lua"),
    include_str!("queue.lua"),
    include_str!("table.lua"),
    include_str!("commit.lua"),
];

/// What the table says of a holder besides that there is one.
const FENCE: &str =
    " and job.owner == event.worker and job.queue == event.queue\n    and fence_of(job) == event.number";

/// A script and the name by which the server may know it already.
#[derive(Debug)]
pub(super) struct Script {
    /// What it does, for errors.
    pub(super) operation: &'static str,
    pub(super) code: String,
    pub(super) hash: String,
}

/// All scripts, written for one prefix and one set of rules.
#[derive(Debug)]
pub(super) struct Scripts {
    pub(super) apply: Script,
    pub(super) claim: Script,
    pub(super) sweep: Script,
    pub(super) reap: Script,
    pub(super) promote: Script,
    pub(super) repair: Script,
    pub(super) audit: Script,
    pub(super) append_log: Script,
    pub(super) read_log: Script,
    pub(super) note_plan: Script,
    pub(super) view: Script,
    pub(super) line: Script,
    pub(super) beside: Script,
    pub(super) outcome: Script,
    pub(super) lock: Script,
    pub(super) workers: Script,
    pub(super) forget: Script,
    pub(super) reserve: Script,
}

impl Scripts {
    pub(super) fn new(prefix: &str, timing: &Timing) -> Self {
        let head = format!("{}{}{}", key::lua_names(prefix), lua_rules(timing), prelude());
        let script = |operation, body: &str| {
            let code = format!("{head}\n{body}");
            Script { operation, hash: redis::Script::new(&code).get_hash().to_owned(), code }
        };
        Self {
            apply: script("change a job", include_str!("apply.lua")),
            claim: script("claim a job", include_str!("claim.lua")),
            sweep: script("sweep", include_str!("sweep.lua")),
            reap: script("reap", include_str!("reap.lua")),
            promote: script("promote", include_str!("promote.lua")),
            repair: script("repair a job", include_str!("repair.lua")),
            audit: script("audit a job", include_str!("audit.lua")),
            append_log: script("append to a log", include_str!("append_log.lua")),
            read_log: script("read a log", include_str!("read_log.lua")),
            note_plan: script("keep a plan", include_str!("note_plan.lua")),
            view: script("look at a job", include_str!("view.lua")),
            line: script("look at the build queue", include_str!("line.lua")),
            beside: script("look for jobs of a group", include_str!("beside.lua")),
            outcome: script("read an outcome", include_str!("outcome.lua")),
            lock: script("lock", include_str!("lock.lua")),
            workers: script("list workers", include_str!("workers.lua")),
            forget: script("forget a job", include_str!("forget.lua")),
            reserve: script("reserve a key", include_str!("reserve.lua")),
        }
    }
}

fn prelude() -> String {
    let prelude = PRELUDE.join("\n");
    if !Net::Fence.is_missing() {
        return prelude;
    }
    prelude.replace(FENCE, "")
}

/// The table `R` of the scripts; times in milliseconds.
fn lua_rules(timing: &Timing) -> String {
    let millis = |span: Duration| span.as_millis();
    let rules = &timing.rules;
    let foreign = timing.foreign_grace.map_or("-1".to_owned(), |grace| millis(grace).to_string());
    format!(
        "local R = {{ lease = {}, intake_deadline = {}, build_deadline = {}, queue_timeout = {}, attempts = {}, \
         deliveries = {}, second_look = {}, sweep_age = {}, long_over = {}, foreign_grace = {foreign} }}\n",
        millis(rules.lease),
        millis(rules.intake_deadline),
        millis(rules.build_deadline),
        millis(rules.queue_timeout),
        rules.attempts,
        rules.deliveries,
        millis(timing.second_look()),
        millis(timing.sweep_age()),
        millis(timing.long_over()),
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_fence_that_a_chaos_run_takes_away_is_there() {
        assert_eq!(prelude().matches(FENCE).count(), 1);
    }
}
