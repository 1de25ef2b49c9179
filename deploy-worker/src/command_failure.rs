//! From how a command ended to a failure that names the limit, the figure and the setting.

use shipstack_engine::ExitClass;
use shipstack_types::{BuildLimits, Code, Failure, Phase};
use std::time::Duration;

/// The command that ended.
pub(crate) struct Ran<'a> {
    /// Installing or building.
    pub(crate) phase: Phase,
    /// What was run.
    pub(crate) command: &'a str,
    /// What it could use.
    pub(crate) limits: &'a BuildLimits,
}

/// The failure of a command that did not end well.
pub(crate) fn failure_of(ran: &Ran<'_>, exit: ExitClass) -> Failure {
    let limits = ran.limits;
    let (code, message) = match exit {
        ExitClass::OutOfMemory => (
            Code::OutOfMemory,
            format!("The build used more than its {} of memory.", bytes(limits.memory_bytes)),
        ),
        ExitClass::TimedOut => {
            (Code::BuildTimeout, format!("Install and build took longer than {}.", span(limits.timeout)))
        }
        ExitClass::Silent => {
            (Code::BuildSilent, format!("Nothing was printed for {}.", span(limits.silence)))
        }
        ExitClass::DiskLimit { used_bytes: Some(used) } => {
            let (used, limit) = (bytes(used), bytes(limits.disk_bytes));
            (Code::DiskLimit, format!("The workspace of {used} is larger than the {limit} allowed."))
        }
        ExitClass::DiskLimit { used_bytes: None } => {
            let why = "The size of the workspace could not be measured three times in a row: the build uses up its \
                       processes or its memory, or hides files.";
            (Code::DiskLimit, why.to_owned())
        }
        ExitClass::Exit(status) => {
            (ended_code(ran.phase), format!("`{}` ended with exit code {status}.", ran.command))
        }
        ExitClass::Signal(signal) => {
            (ended_code(ran.phase), format!("`{}` was ended by signal {signal}.", ran.command))
        }
        _ => (ended_code(ran.phase), format!("`{}` did not end well.", ran.command)),
    };
    Failure::new(ran.phase, code).message(message)
}

fn ended_code(phase: Phase) -> Code {
    if phase == Phase::Installing { Code::InstallFailed } else { Code::BuildFailed }
}

/// Bytes in the largest unit that divides them.
pub(crate) fn bytes(count: u64) -> String {
    let units = [("GiB", 1 << 30), ("MiB", 1 << 20), ("KiB", 1 << 10)];
    let whole = units.into_iter().find(|(_, size)| count >= *size && count.is_multiple_of(*size));
    match whole {
        Some((unit, size)) => format!("{} {unit}", count / size),
        None if count >= 1 << 20 => format!("{} MiB", count >> 20),
        None => format!("{count} bytes"),
    }
}

fn span(time: Duration) -> String {
    let seconds = time.as_secs();
    if seconds >= 60 && seconds.is_multiple_of(60) {
        format!("{} min", seconds / 60)
    } else {
        format!("{seconds} s")
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use shipstack_types::{BuildProfile, Fault};

    #[test]
    fn every_end_names_its_limit_or_its_command() {
        let limits = BuildLimits::of(BuildProfile::Standard);
        let ran = Ran { phase: Phase::Building, command: "npm run build", limits: &limits };
        for (exit, code, words) in [
            (ExitClass::Exit(3), Code::BuildFailed, "exit code 3"),
            (ExitClass::Signal(9), Code::BuildFailed, "signal 9"),
            (ExitClass::OutOfMemory, Code::OutOfMemory, "2 GiB"),
            (ExitClass::TimedOut, Code::BuildTimeout, "15 min"),
            (ExitClass::Silent, Code::BuildSilent, "5 min"),
            (
                ExitClass::DiskLimit { used_bytes: Some(11 << 30) },
                Code::DiskLimit,
                "of 11 GiB is larger than the 10 GiB",
            ),
        ] {
            let failure = failure_of(&ran, exit);
            assert_eq!((failure.code, failure.fault), (code, Fault::User));
            assert!(failure.message.contains(words), "{}", failure.message);
        }
    }

    #[test]
    fn an_install_that_fails_is_no_build_that_fails() {
        let limits = BuildLimits::of(BuildProfile::Classic);
        let ran = Ran { phase: Phase::Installing, command: "npm ci", limits: &limits };
        assert_eq!(failure_of(&ran, ExitClass::Exit(1)).code, Code::InstallFailed);
    }
}
