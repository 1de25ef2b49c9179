//! Errors as those who run the system read them.

use std::error::Error;

/// An error with all its causes, which say what actually happened. For the log and for operators, never for clients.
pub fn causes(error: &(dyn Error + 'static)) -> String {
    let chain = std::iter::successors(Some(error), |&error| error.source());
    chain.map(ToString::to_string).collect::<Vec<_>>().join(": ")
}
