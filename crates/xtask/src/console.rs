//! What a task tells the person who started it.

use std::io::Write as _;

/// One line on standard output. A reader that is gone is no reason to stop cleaning up.
pub(crate) fn say(line: &str) {
    let _gone = writeln!(std::io::stdout(), "{line}");
}

/// The beginning of a step.
pub(crate) fn step(name: &str) {
    say(&format!("\n── {name}"));
}

/// One line on standard error.
pub(crate) fn complain(line: &str) {
    let _gone = writeln!(std::io::stderr(), "{line}");
}
