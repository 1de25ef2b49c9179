//! What happens when a test's server cannot be had: a counted skip, or a failure where nothing may be skipped.

/// True where a missing server is a failure (`SHIPSTACK_TEST_REQUIRE=1`, as in CI).
pub fn required() -> bool {
    std::env::var_os("SHIPSTACK_TEST_REQUIRE").is_some_and(|value| value == "1")
}

/// Says that the running test is skipped because `what` is missing.
///
/// # Panics
/// Where a missing server is a failure ([`required`]).
#[expect(clippy::print_stderr, reason = "this is how a test speaks")]
pub fn skip(what: &str, why: &dyn std::fmt::Display) {
    let test = std::thread::current().name().unwrap_or("a test").to_owned();
    assert!(!required(), "{test} needs {what}: {why}");
    eprintln!("SKIPPED {test}: {what} is missing: {why}");
}

/// `Some(server)`, or a skip.
pub(crate) fn or_skip<T>(what: &str, server: anyhow::Result<T>) -> Option<T> {
    server.map_err(|error| skip(what, &format!("{error:#}"))).ok()
}
