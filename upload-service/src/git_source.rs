//! A repository as a request names it: parsed, and its host looked up once before anything is accepted.

use crate::app::App;
use shipstack_http::Problem;
use shipstack_source::{HostCheck, check_host};
use shipstack_types::{Code, GitRef, GitUrl, InvalidGitUrl};
use std::time::Duration;

/// The look-up's budget (contract §1). Without an answer by then the request is accepted: intake looks again.
const LOOK_UP: Duration = Duration::from_secs(1);

/// Parses a repository's URL and refuses hosts that are not public.
pub(crate) async fn check_url(app: &App, text: &str) -> Result<GitUrl, Problem> {
    let url = GitUrl::parse(text, &app.allow_private).map_err(problem_of)?;
    match check_host(&url, &app.allow_private, LOOK_UP).await {
        HostCheck::NotPublic => Err(Problem::new(Code::AddressNotAllowed)),
        HostCheck::Public(_) | HostCheck::NotFound | HostCheck::NoAnswer => Ok(url),
    }
}

/// Parses a branch, tag or commit.
pub(crate) fn check_ref(text: &str) -> Result<GitRef, Problem> {
    text.parse().map_err(|_| Problem::new(Code::InvalidRef))
}

fn problem_of(why: InvalidGitUrl) -> Problem {
    Problem::new(match why {
        InvalidGitUrl::Scheme => Code::SchemeNotAllowed,
        InvalidGitUrl::Credentials => Code::CredentialsInUrl,
        InvalidGitUrl::Address => Code::AddressNotAllowed,
        _ => Code::InvalidUrl,
    })
}
