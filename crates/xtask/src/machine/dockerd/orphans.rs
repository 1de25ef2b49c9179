//! What an engine leaves running when it is killed in the middle of a start: the keepers of its containers ("shims"),
//! which the engine that comes after it does not know, and what is in their hands.

use std::fs;
use std::path::{Path, PathBuf};

use rustix::process::{Pid, Signal, kill_process};

/// Those of the engine of this folder, which end when this is dropped; the engine has to have ended before.
#[derive(Debug)]
pub(super) struct Orphans(pub(super) PathBuf);

impl Drop for Orphans {
    fn drop(&mut self) {
        let shims: Vec<i32> = processes().filter(|pid| is_shim(*pid, &self.0)).collect();
        let kept = processes().filter(|pid| parent(*pid).is_some_and(|parent| shims.contains(&parent)));
        for pid in kept.collect::<Vec<_>>().into_iter().chain(shims).filter_map(Pid::from_raw) {
            // It may have ended meanwhile.
            let _gone = kill_process(pid, Signal::KILL);
        }
    }
}

fn processes() -> impl Iterator<Item = i32> {
    let entries = fs::read_dir("/proc").into_iter().flatten().flatten();
    entries.filter_map(|entry| entry.file_name().to_str()?.parse().ok())
}

/// A shim is told where the containerd is that it belongs to.
fn is_shim(pid: i32, folder: &Path) -> bool {
    let socket = folder.join("exec/containerd/containerd.sock");
    let line = fs::read_to_string(format!("/proc/{pid}/cmdline")).unwrap_or_default();
    let mut words = line.split('\0');
    words.next().is_some_and(|program| program.contains("containerd-shim"))
        && words.any(|word| Path::new(word) == socket)
}

fn parent(pid: i32) -> Option<i32> {
    let stat = fs::read_to_string(format!("/proc/{pid}/stat")).ok()?;
    // The program's name comes before, in parentheses and with anything in it.
    stat.rsplit_once(") ")?.1.split(' ').nth(1)?.parse().ok()
}

#[cfg(test)]
mod tests {
    use std::os::unix::process::CommandExt as _;
    use std::process::{Child, Command};

    use shipstack_testkit::wait_until;

    use super::*;

    /// A process that looks like the shim of an engine in this folder, with one in its hands.
    fn shim(folder: &Path) -> Child {
        let socket = folder.join("exec/containerd/containerd.sock");
        let mut shim = Command::new("sh");
        shim.arg0("containerd-shim-runc-v2").args(["-c", "sleep 600; true", "-address"]).arg(socket);
        shim.spawn().unwrap()
    }

    fn child_of(shim: &Child) -> Option<i32> {
        let own = i32::try_from(shim.id()).unwrap();
        processes().find(|pid| parent(*pid) == Some(own))
    }

    #[tokio::test]
    async fn what_a_killed_engine_left_ends_and_what_is_another_engine_s_does_not() {
        let (ours, theirs) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
        let (mut left, mut other) = (shim(ours.path()), shim(theirs.path()));
        wait_until("both have something in their hands", async || {
            child_of(&left).is_some() && child_of(&other).is_some()
        })
        .await;
        let kept = child_of(&left).unwrap();
        drop(Orphans(ours.path().to_owned()));
        left.wait().unwrap();
        wait_until("it let go", async || !Path::new(&format!("/proc/{kept}/fd/0")).exists()).await;
        let still = child_of(&other).unwrap();
        assert!(other.try_wait().unwrap().is_none());
        kill_process(Pid::from_raw(still).unwrap(), Signal::KILL).unwrap();
        other.wait().unwrap();
    }
}
