//! How a command ended: the class is true, whatever the command printed.

/// The end of a command. Everything but [`ExitClass::Ok`] is the project's; what is the engine's is an error.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum ExitClass {
    /// Exit code 0, even when a process of it was killed for memory on the way.
    Ok,
    /// Another exit code.
    Exit(i64),
    /// A signal, as the shell reports it (128 + signal).
    Signal(i64),
    /// A process of it was killed for memory, and it failed.
    OutOfMemory,
    /// The deadline passed.
    TimedOut,
    /// Nothing was printed for too long.
    Silent,
    /// The workspace is larger than allowed; `None` when it could not be measured three times in a row.
    DiskLimit {
        /// Its size, in bytes.
        used_bytes: Option<u64>,
    },
    /// The caller cancelled.
    Cancelled,
}

/// The end of a command with what it took.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RunEnd {
    /// How it ended.
    pub exit: ExitClass,
    /// Most memory the container used so far, in bytes, page cache included, up to the last sample (one a second);
    /// `None` before the first.
    pub peak_memory_bytes: Option<u64>,
}

/// Signals are 1 to 64.
const SIGNALS: std::ops::RangeInclusive<i64> = 129..=192;

/// The class of an exit code: the code first, then whether the engine reported `oom` between start and end.
pub(super) fn classify(code: i64, saw_out_of_memory: OutOfMemorySeen) -> ExitClass {
    match (code, saw_out_of_memory) {
        (0, _) => ExitClass::Ok,
        (_, OutOfMemorySeen::Yes) => ExitClass::OutOfMemory,
        (code, _) if SIGNALS.contains(&code) => ExitClass::Signal(code - 128),
        (code, _) => ExitClass::Exit(code),
    }
}

/// Whether the engine reported `oom` while the command ran.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum OutOfMemorySeen {
    Yes,
    No,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_exit_code_comes_first_and_then_the_oom_event() {
        use OutOfMemorySeen::{No, Yes};
        for (code, seen, class) in [
            (0, No, ExitClass::Ok),
            (0, Yes, ExitClass::Ok),
            (1, No, ExitClass::Exit(1)),
            (1, Yes, ExitClass::OutOfMemory),
            (137, No, ExitClass::Signal(9)),
            (137, Yes, ExitClass::OutOfMemory),
            (134, No, ExitClass::Signal(6)),
            (128, No, ExitClass::Exit(128)),
            (255, No, ExitClass::Exit(255)),
            (127, No, ExitClass::Exit(127)),
        ] {
            assert_eq!(classify(code, seen), class, "{code} {seen:?}");
        }
    }
}
