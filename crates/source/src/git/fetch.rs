//! The async face: look the host up, fetch under a deadline, and leave nothing running whatever happens.

use super::SourceError;
use super::group::{KillOnDrop, KillSwitch};
use super::request::{Commit, GitFetch};
use super::take::take;
use crate::{HostCheck, Snapshot, Spool, check_host};
use shipstack_types::Code;
use std::net::IpAddr;
use std::time::Duration;
use tokio::sync::mpsc;

/// Longest wait for the host's addresses; resolvers give up after as much.
const LOOK_UP: Duration = Duration::from_secs(10);

/// After the processes are killed their pipes end and the blocking part returns; this is the most that may take.
const AFTER_KILL: Duration = Duration::from_secs(5);

/// Fetches a repository and makes its snapshot. git's progress goes to `log`, escaped, a line at a time; a log that is
/// full slows the fetch down. Dropping the future kills what runs.
pub async fn fetch_git(
    fetch: GitFetch,
    spool: &Spool,
    log: mpsc::Sender<String>,
) -> Result<(Snapshot, Commit), SourceError> {
    let timeout = SourceError::Timeout { seconds: fetch.deadline.as_secs() };
    let deadline = tokio::time::Instant::now() + fetch.deadline;
    let addresses = addresses_of(&fetch).await?;
    let switch = KillSwitch::default();
    let _killed_when_dropped = KillOnDrop(switch.clone());
    let (blocking, spool) = (switch.clone(), spool.clone());
    let mut work = tokio::task::spawn_blocking(move || take(&fetch, &addresses, (&spool, &blocking), &log));
    if let Ok(taken) = tokio::time::timeout_at(deadline, &mut work).await {
        return taken.map_err(|error| SourceError::Machine(error.into()))?;
    }
    switch.kill();
    // The temporary folder goes with the blocking part: wait for it, so that nothing is left when this returns.
    let _ = tokio::time::timeout(AFTER_KILL, work).await;
    Err(timeout)
}

async fn addresses_of(fetch: &GitFetch) -> Result<Vec<IpAddr>, SourceError> {
    let host = fetch.url.host();
    match check_host(&fetch.url, &fetch.allow_private, LOOK_UP.min(fetch.deadline)).await {
        HostCheck::Public(addresses) => Ok(addresses),
        HostCheck::NotPublic => {
            Err(SourceError::git(Code::AddressNotAllowed, format!("The host is {host}.")))
        }
        HostCheck::NotFound => Err(SourceError::git(Code::GitHostNotFound, format!("The host is {host}."))),
        HostCheck::NoAnswer => {
            Err(SourceError::git(Code::GitUnreachable, format!("The name {host} could not be looked up.")))
        }
    }
}
