//! Named places where a test may stop a process for ever, to kill it exactly there.
//!
//! Only with the feature `failpoints`, which no released binary has; without it [`reach`] is nothing. The variable
//! `SHIPSTACK_FAILPOINTS` lists the names at which to hold, separated by commas.

/// Arrives at a failpoint: goes on at once, or, when a test said so, says that it is held and never goes on.
#[cfg(feature = "failpoints")]
pub async fn reach(name: &'static str) {
    if held_at(name) {
        tracing::warn!(failpoint = name, "held at failpoint {name}");
        std::future::pending::<()>().await;
    }
}

/// Arrives at a failpoint; without the feature there is none.
#[cfg(not(feature = "failpoints"))]
#[expect(clippy::unused_async, reason = "the same face as with the feature")]
pub async fn reach(_name: &'static str) {}

#[cfg(feature = "failpoints")]
#[expect(clippy::disallowed_methods, reason = "no setting: it exists in test builds only")]
fn held_at(name: &str) -> bool {
    std::env::var("SHIPSTACK_FAILPOINTS").is_ok_and(|names| names.split(',').any(|held| held == name))
}
