//! Named places where a test may hold a process for ever, to kill it exactly there, or slow it down, let it fail, or end it.
//!
//! Only with the feature `failpoints`, which no released binary has; without it [`reach`] is nothing. The variable
//! `SHIPSTACK_FAILPOINTS` lists names, separated by commas: `build` holds there for ever, `upload=pause:500@60` waits
//! 500 ms there in 60 of 1,000 times, `settle=abort@20` ends the process without a word, `decide=panic@20` ends what it does,
//! `install=error@20` fails, and `decide=freeze` makes the process stand still (SIGSTOP), once, until somebody lets it go on.

use shipstack_types::{Code, Failure, Phase};

/// A fault that a test asked for.
#[derive(Debug, thiserror::Error)]
#[error("a fault was asked for at failpoint {failpoint}")]
pub struct Injected {
    failpoint: &'static str,
}

impl Injected {
    /// As the failure of a job: one of the platform's.
    #[must_use]
    pub fn failure(self, phase: Phase) -> Failure {
        Failure::new(phase, Code::Internal)
    }
}

/// Arrives at a failpoint: goes on at once, unless a test said otherwise.
///
/// # Errors
///
/// If that was asked for.
///
/// # Panics
///
/// If that was asked for.
#[cfg(feature = "failpoints")]
pub async fn reach(name: &'static str) -> Result<(), Injected> {
    use std::time::Duration;
    let Some((action, per_mille)) = plan::of(name) else { return Ok(()) };
    if !rand::random_ratio(per_mille, 1000) {
        return Ok(());
    }
    match action {
        plan::Action::Hold => {
            tracing::warn!(failpoint = name, "held at failpoint {name}");
            std::future::pending::<()>().await;
        }
        plan::Action::Pause { millis } => tokio::time::sleep(Duration::from_millis(millis)).await,
        #[expect(clippy::panic, reason = "that is what was asked for")]
        plan::Action::Panic => panic!("panicked at failpoint {name}"),
        plan::Action::Abort => std::process::abort(),
        plan::Action::Error => return Err(Injected { failpoint: name }),
        plan::Action::Freeze => freeze(),
    }
    Ok(())
}

/// What a process says before it stands still.
#[cfg(feature = "failpoints")]
const STANDS_STILL: &str = "stands still at a failpoint";
/// Far longer than it takes to stop a process.
#[cfg(feature = "failpoints")]
const UNTIL_STOPPED: std::time::Duration = std::time::Duration::from_millis(100);

/// The whole process, heartbeats and all, and only once: what it does when it goes on is what is looked at.
#[cfg(feature = "failpoints")]
fn freeze() {
    use std::sync::atomic::{AtomicBool, Ordering::Relaxed};
    static FROZEN: AtomicBool = AtomicBool::new(false);
    if FROZEN.swap(true, Relaxed) {
        return;
    }
    tracing::warn!("{STANDS_STILL}");
    if let Err(error) =
        rustix::process::kill_process(rustix::process::getpid(), rustix::process::Signal::STOP)
    {
        tracing::warn!(%error, "this process could not be made to stand still");
    }
    // The signal is the process's and not this thread's, which would go on until another one has taken it.
    std::thread::sleep(UNTIL_STOPPED);
}

/// Arrives at a failpoint; without the feature there is none.
#[cfg(not(feature = "failpoints"))]
#[expect(clippy::unused_async, reason = "the same face as with the feature")]
pub async fn reach(_name: &'static str) -> Result<(), Injected> {
    Ok(())
}

#[cfg(feature = "failpoints")]
mod plan {
    /// What happens there.
    #[derive(Clone, Copy, Debug, PartialEq, Eq)]
    pub(super) enum Action {
        Hold,
        Pause { millis: u64 },
        Panic,
        Abort,
        Error,
        Freeze,
    }

    /// What a test wants to happen at this name, and in how many of a thousand times.
    #[expect(clippy::disallowed_methods, reason = "no setting: it exists in test builds only")]
    pub(super) fn of(name: &str) -> Option<(Action, u32)> {
        parse(&std::env::var("SHIPSTACK_FAILPOINTS").ok()?, name)
    }

    fn parse(list: &str, wanted: &str) -> Option<(Action, u32)> {
        list.split(',').find_map(|item| {
            let (name, action) = item.split_once('=').unwrap_or((item, "hold"));
            if name != wanted {
                return None;
            }
            let (action, per_mille) = action.split_once('@').unwrap_or((action, "1000"));
            Some((action_of(action)?, per_mille.parse().ok().filter(|count| *count <= 1000)?))
        })
    }

    fn action_of(word: &str) -> Option<Action> {
        match word.split_once(':') {
            None if word == "hold" => Some(Action::Hold),
            None if word == "panic" => Some(Action::Panic),
            None if word == "abort" => Some(Action::Abort),
            None if word == "error" => Some(Action::Error),
            None if word == "freeze" => Some(Action::Freeze),
            Some(("pause", millis)) => Some(Action::Pause { millis: millis.parse().ok()? }),
            _ => None,
        }
    }

    #[cfg(test)]
    mod tests {
        use super::*;

        #[test]
        fn a_name_alone_holds_and_an_action_may_have_a_chance() {
            let list = "build,upload=pause:500@60,settle=abort@20,decide=nonsense";
            assert_eq!(parse(list, "build"), Some((Action::Hold, 1000)));
            assert_eq!(parse(list, "upload"), Some((Action::Pause { millis: 500 }, 60)));
            assert_eq!(parse(list, "settle"), Some((Action::Abort, 20)));
            assert_eq!(parse(list, "decide"), None);
            for (word, action) in
                [("panic", Action::Panic), ("error", Action::Error), ("freeze", Action::Freeze)]
            {
                assert_eq!(parse(&format!("decide={word}@20"), "decide"), Some((action, 20)));
            }
            assert_eq!(parse(list, "download"), None);
        }
    }
}
