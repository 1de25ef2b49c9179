//! The blocking part: init, fetch, list, read, write. Every command runs under the kill switch.

use super::blobs::Blobs;
use super::classify::classify;
use super::command::{git, pin};
use super::group::{KillSwitch, piped};
use super::listing::{self, Listing};
use super::request::{Commit, GitFetch};
use super::{SourceError, progress};
use crate::snapshot::write::write;
use crate::{Snapshot, Spool};
use shipstack_types::Code;
use std::io::{self, BufReader, Read};
use std::net::IpAddr;
use std::path::Path;
use std::process::{Command, Stdio};
use tokio::sync::mpsc;

/// Fetches and snapshots. The repository lives in a temporary folder that goes when this returns.
pub(super) fn take(
    fetch: &GitFetch,
    addresses: &[IpAddr],
    (spool, switch): (&Spool, &KillSwitch),
    log: &mpsc::Sender<String>,
) -> Result<(Snapshot, Commit), SourceError> {
    let folder = spool.subfolder()?;
    init(fetch, folder.path(), switch)?;
    fetch_objects(fetch, &pin(fetch, addresses), (folder.path(), switch), log)?;
    let sha = commit(fetch, folder.path(), switch)?;
    let mut blobs = Blobs::start(&mut git(fetch, folder.path()), switch)?;
    let listed = listing::list(git(fetch, folder.path()), &sha, &fetch.limits, switch)?;
    let Listing { index, mut warnings } = listed.with_links(&mut blobs)?;
    let mut snapshot =
        write(index, spool, Vec::new(), |file, sink| blobs.copy(&file.content, file.bytes, sink))?;
    warnings.extend(blobs.finish());
    snapshot.info.warnings = warnings;
    let ref_name = fetch.git_ref.as_ref().map(ToString::to_string);
    Ok((snapshot, Commit { sha, ref_name }))
}

fn init(fetch: &GitFetch, folder: &Path, switch: &KillSwitch) -> Result<(), SourceError> {
    let mut command = git(fetch, folder);
    command.args(["init", "--quiet", "--bare", "--template="]);
    // A SHA-256 repository is asked for by a commit of 64 digits, or not at all.
    if fetch.git_ref.as_ref().is_some_and(|name| name.is_commit() && name.as_str().len() == 64) {
        command.arg("--object-format=sha256");
    }
    if switch.start(&mut command)?.wait()?.success() {
        return Ok(());
    }
    Err(io::Error::other("git init failed; are git and prlimit installed, and is the data folder writable?")
        .into())
}

fn fetch_objects(
    fetch: &GitFetch,
    pins: &[String],
    (folder, switch): (&Path, &KillSwitch),
    log: &mpsc::Sender<String>,
) -> Result<(), SourceError> {
    let asked = fetch.git_ref.as_ref().map(shipstack_types::GitRef::as_str);
    let mut command = git(fetch, folder);
    for pin in pins {
        command.args(["-c", pin]);
    }
    command.args(["fetch", "--depth=1", "--no-tags", "--no-recurse-submodules", "--no-auto-maintenance"]);
    command.args(["--progress", "--", fetch.url.as_str(), asked.unwrap_or("HEAD")]);
    let mut running = switch.start(command.stderr(Stdio::piped()))?;
    let stderr = piped(running.child.stderr.take())?;
    let last_words = progress::follow(BufReader::new(stderr), log)?;
    if running.wait()?.success() { Ok(()) } else { Err(classify(&last_words, asked)) }
}

/// The commit that was fetched: a tag is followed to what it names.
fn commit(fetch: &GitFetch, folder: &Path, switch: &KillSwitch) -> Result<String, SourceError> {
    let mut command = git(fetch, folder);
    command.args(["rev-parse", "--verify", "--quiet", "FETCH_HEAD^{commit}"]);
    let sha = output(&mut command, switch)?.trim().to_owned();
    let is_hash = matches!(sha.len(), 40 | 64) && sha.bytes().all(|byte| byte.is_ascii_hexdigit());
    if is_hash {
        Ok(sha)
    } else {
        Err(SourceError::git(Code::GitRefNotFound, "The tag does not name a commit."))
    }
}

fn output(command: &mut Command, switch: &KillSwitch) -> Result<String, SourceError> {
    let mut running = switch.start(command.stdout(Stdio::piped()))?;
    let stdout = piped(running.child.stdout.take())?;
    let mut text = String::new();
    stdout.take(4096).read_to_string(&mut text)?;
    running.wait()?;
    Ok(text)
}

#[cfg(test)]
mod tests {
    use super::*;
    use shipstack_testkit::GitServer;
    use shipstack_types::{GitUrl, HostAllowList, SourceLimits};
    use std::net::Ipv4Addr;
    use std::time::Duration;

    /// DNS rebinding: whatever the name says by now, the address that was checked is the one that is asked.
    #[test]
    fn git_asks_the_address_that_was_checked_and_no_resolver() {
        let server = GitServer::start().unwrap();
        let sha = server.add_repo("app", &[("a", "1")]).unwrap();
        let port = server.host().rsplit_once(':').unwrap().1.to_owned();
        let base = tempfile::TempDir::new().unwrap();
        let spool = Spool::open(base.path()).unwrap();
        for name in ["pinned.example.org", "pinned.example.org."] {
            let allow_private: HostAllowList =
                format!("pinned.example.org:{port},{name}:{port}").parse().unwrap();
            let url = GitUrl::parse(&format!("http://{name}:{port}/app.git"), &allow_private).unwrap();
            let (limits, deadline) = (SourceLimits::default(), Duration::from_secs(30));
            let fetch = GitFetch { url, git_ref: None, limits, deadline, allow_private, ca_file: None };
            let (log, _lines) = mpsc::channel(1000);
            let taken = take(&fetch, &[Ipv4Addr::LOCALHOST.into()], (&spool, &KillSwitch::default()), &log);
            assert_eq!(taken.unwrap().1.sha, sha, "{name}");
        }
    }
}
