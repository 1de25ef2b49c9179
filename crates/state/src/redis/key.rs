//! Every name in Redis, spelled once. The scripts get theirs from here too.

use shipstack_types::QueueName;
use std::fmt::Write as _;

/// A key or channel. Those that end in `:` are the beginning of one per job, worker or lock.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Key {
    /// List of waiting ids; the oldest is at the right end.
    Queue(QueueName),
    /// Hash id → word, for everybody.
    Status,
    /// Hash per job: the truth.
    Job,
    /// Stream per job: its live log.
    Log,
    /// Set per queue and worker: what it holds.
    Taken,
    /// Sorted set id → end of the lease.
    Leases(QueueName),
    /// Sorted set id → end of the rest.
    Retry(QueueName),
    /// Hash id → claim and time of the first look at its expired lease.
    Suspects,
    /// Sorted set id → when its undone settling was pointed out.
    Settling,
    /// Set of all ids that have not ended.
    Unfinished,
    /// Sorted sets of ids by time of acceptance: `all`, and one per word.
    Created,
    /// Sorted set per job: the deployments that were made from it.
    Children,
    /// String per idempotency key: who has it.
    Reserved,
    /// List of how long the last builds took, in milliseconds; the newest is at the left end.
    Lasted,
    /// How many jobs became known: each one's place in the order of acceptance.
    NextNumber,
    /// List of what was in a queue and is no job.
    DeadLetters,
    /// Stream of changes.
    Events,
    /// Channel of wake-ups.
    Wake,
    /// Which life of which server everything in the store is known for.
    IndexComplete,
    /// Made anew when it is not there: it tells two lives apart between which the server was emptied and not restarted.
    IndexLife,
    /// String per lock: its holder.
    Lock,
    /// Sorted set worker → until when its presence counts.
    Workers,
    /// Hash worker → when it was heard and its presence.
    WorkerDetails,
    /// Which run of the server was seen last.
    RunId,
    /// No claim is reaped before this time.
    NoReapingBefore,
    /// Moves the clock of tests.
    #[cfg(test)]
    TestClock,
}

impl Key {
    fn stem(self) -> &'static str {
        match self {
            Self::Queue(QueueName::Build) => "build-queue",
            Self::Queue(QueueName::Intake) => "intake-queue",
            Self::Status => "status",
            Self::Job => "job:",
            Self::Log => "log:",
            Self::Taken => "taken:",
            Self::Leases(QueueName::Build) => "leases:build",
            Self::Leases(QueueName::Intake) => "leases:intake",
            Self::Retry(QueueName::Build) => "retry-at:build",
            Self::Retry(QueueName::Intake) => "retry-at:intake",
            Self::Suspects => "suspects",
            Self::Settling => "settling",
            Self::Unfinished => "unfinished",
            Self::Created => "created:",
            Self::Children => "children:",
            Self::Reserved => "reserved:",
            Self::Lasted => "builds-lasted",
            Self::NextNumber => "next-number",
            Self::DeadLetters => "dead-letters",
            Self::Events => "events",
            Self::Wake => "wake",
            // The number changes with what the index holds, so that a newer version rebuilds it once.
            Self::IndexComplete => "index-complete:3",
            Self::IndexLife => "index-life",
            Self::Lock => "lock:",
            Self::Workers => "workers",
            Self::WorkerDetails => "worker-details",
            Self::RunId => "run-id",
            Self::NoReapingBefore => "no-reaping-before",
            #[cfg(test)]
            Self::TestClock => "test-clock",
        }
    }

    /// The name under this prefix.
    pub(super) fn under(self, prefix: &str) -> String {
        format!("{prefix}{}", self.stem())
    }
}

/// The word for a queue in fields and scripts.
pub(super) fn queue_word(queue: QueueName) -> &'static str {
    match queue {
        QueueName::Intake => "intake",
        QueueName::Build => "build",
    }
}

/// The queue of this word.
pub(super) fn queue_of(word: &str) -> Option<QueueName> {
    [QueueName::Intake, QueueName::Build].into_iter().find(|queue| queue_word(*queue) == word)
}

/// The table `K` of the scripts. The prefix holds no character that means something in a Lua string.
pub(super) fn lua_names(prefix: &str) -> String {
    let single = [
        ("status", Key::Status),
        ("job", Key::Job),
        ("log", Key::Log),
        ("taken", Key::Taken),
        ("suspects", Key::Suspects),
        ("settling", Key::Settling),
        ("unfinished", Key::Unfinished),
        ("created", Key::Created),
        ("children", Key::Children),
        ("reserved", Key::Reserved),
        ("lasted", Key::Lasted),
        ("next_number", Key::NextNumber),
        ("dead", Key::DeadLetters),
        ("events", Key::Events),
        ("wake", Key::Wake),
        ("lock", Key::Lock),
        ("workers", Key::Workers),
        ("worker_details", Key::WorkerDetails),
        ("run_id", Key::RunId),
        ("no_reaping_before", Key::NoReapingBefore),
        #[cfg(test)]
        ("test_clock", Key::TestClock),
    ];
    let mut text = String::from("local K = {");
    for (name, key) in single {
        let _infallible = write!(text, " {name} = '{}',", key.under(prefix));
    }
    for (name, key) in
        [("list", Key::Queue as fn(QueueName) -> Key), ("leases", Key::Leases), ("retry", Key::Retry)]
    {
        let (intake, build) = (key(QueueName::Intake).under(prefix), key(QueueName::Build).under(prefix));
        let _infallible = write!(text, " {name} = {{ intake = '{intake}', build = '{build}' }},");
    }
    text.push_str(" }\n");
    text
}

/// Whether the prefix can stand in a key and in a script.
pub(super) fn is_prefix(prefix: &str) -> bool {
    prefix.len() <= 100
        && prefix.bytes().all(|byte| byte.is_ascii_alphanumeric() || b":_-.{}".contains(&byte))
}
