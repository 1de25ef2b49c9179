//! Why there was no answer, in a person's words.

use std::error::Error;
use std::io;

use crate::terminal_text::shown;

/// What the system says of a connection that is enough for a person.
const TELLING: [io::ErrorKind; 7] = [
    io::ErrorKind::ConnectionRefused,
    io::ErrorKind::ConnectionReset,
    io::ErrorKind::ConnectionAborted,
    io::ErrorKind::HostUnreachable,
    io::ErrorKind::NetworkUnreachable,
    io::ErrorKind::TimedOut,
    io::ErrorKind::BrokenPipe,
];

/// Why a connection failed, in the few words of its innermost cause: the libraries' layers tell a person nothing.
pub(super) fn cause(error: &reqwest::Error) -> String {
    let top: &(dyn Error + 'static) = error;
    let chain = || std::iter::successors(Some(top), |&error| error.source());
    let mut kinds = chain().filter_map(|error| error.downcast_ref::<io::Error>().map(io::Error::kind));
    match kinds.find(|kind| TELLING.contains(kind)) {
        Some(kind) => kind.to_string(),
        None if error.is_timeout() => io::ErrorKind::TimedOut.to_string(),
        None => shown(&chain().last().map(ToString::to_string).unwrap_or_default()),
    }
}
