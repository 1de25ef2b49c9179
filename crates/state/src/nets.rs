//! The nets that keep jobs from being lost or done twice, and taking one of them away: a chaos run without a net has
//! to fail, or it proves nothing.
//!
//! Only with the feature `failpoints`, which no released binary has, can one be missing; the variable
//! `SHIPSTACK_CHAOS_WITHOUT` then lists them, separated by commas.

/// What keeps a job from being lost or done twice.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Net {
    /// Only the holder of the newest claim changes anything.
    Fence,
    /// A call whose reply is lost is repeated.
    Repeat,
    /// What is in a worker's name and not in its hands goes back.
    Sweep,
    /// What is held under an expired lease goes back.
    Reap,
    /// What is in no list is pushed again.
    Reconcile,
}

impl Net {
    /// Whether a test took it away.
    #[cfg(feature = "failpoints")]
    #[expect(clippy::disallowed_methods, reason = "no setting: it exists in test builds only")]
    pub(crate) fn is_missing(self) -> bool {
        let missing = std::env::var("SHIPSTACK_CHAOS_WITHOUT").unwrap_or_default();
        missing.split(',').any(|name| name.eq_ignore_ascii_case(&format!("{self:?}")))
    }

    /// Never: it cannot be taken away.
    #[cfg(not(feature = "failpoints"))]
    #[expect(clippy::unused_self, reason = "the same face as with the feature")]
    pub(crate) fn is_missing(self) -> bool {
        false
    }
}
