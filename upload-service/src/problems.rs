//! What breaks below the API, as problems.

use shipstack_http::Problem;
use shipstack_records::RecordsError;
use shipstack_source::ArchiveError;
use shipstack_types::Code;
use std::time::Duration;

/// When to come back after Redis or the store was away: both are back within seconds, or not for a long time.
const COME_BACK: Duration = Duration::from_secs(2);

/// Store and state out of reach are said so; anything else is ours and stays in our log.
pub(crate) fn from_records(error: &RecordsError) -> Problem {
    let code = error.code();
    let problem = on_our_side(code).caused_by(error);
    if code == Code::Internal { problem } else { problem.retry_after(COME_BACK) }
}

/// An archive that was refused. A body that broke brings its own problem along.
pub(crate) fn from_archive(error: ArchiveError) -> Problem {
    let (code, text) = (error.code(), error.to_string());
    match error {
        ArchiveError::Body(cause) => match cause.downcast::<Problem>() {
            Ok(problem) => *problem,
            Err(_) => Problem::new(Code::RequestTimeout),
        },
        ArchiveError::Disk(_) => on_our_side(code).caused_by(&error),
        _ => Problem::new(code).detail(format!("{} {text}.", code.info().message)),
    }
}

/// A code that has no status of its own in the table because it ends jobs: for a request it is ours, and temporary.
fn on_our_side(code: Code) -> Problem {
    let status = actix_web::http::StatusCode::SERVICE_UNAVAILABLE;
    match code {
        Code::DiskFull | Code::Overloaded => Problem::new(code).with_status(status).retry_after(COME_BACK),
        code => Problem::new(code),
    }
}
