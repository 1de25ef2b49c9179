//! Named places where a test may hold a process for ever, to kill it exactly there, slow it down, or end it.
//!
//! Only with the feature `failpoints`, which no released binary has; without it [`reach`] is nothing. The variable
//! `SHIPSTACK_FAILPOINTS` lists names, separated by commas: `build` holds there for ever, `upload=pause:500@60` waits
//! 500 ms there in 60 of 1,000 times, `settle=abort@20` ends the process without a word, `decide=panic@20` ends what it does.

/// Arrives at a failpoint: goes on at once, unless a test said otherwise.
///
/// # Panics
///
/// If that was asked for.
#[cfg(feature = "failpoints")]
pub async fn reach(name: &'static str) {
    use std::time::Duration;
    let Some((action, per_mille)) = plan::of(name) else { return };
    if !rand::random_ratio(per_mille, 1000) {
        return;
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
    }
}

/// Arrives at a failpoint; without the feature there is none.
#[cfg(not(feature = "failpoints"))]
#[expect(clippy::unused_async, reason = "the same face as with the feature")]
pub async fn reach(_name: &'static str) {}

#[cfg(feature = "failpoints")]
mod plan {
    /// What happens there.
    #[derive(Clone, Copy, Debug, PartialEq, Eq)]
    pub(super) enum Action {
        Hold,
        Pause { millis: u64 },
        Panic,
        Abort,
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
            assert_eq!(parse("decide=panic@20", "decide"), Some((Action::Panic, 20)));
            assert_eq!(parse(list, "download"), None);
        }
    }
}
