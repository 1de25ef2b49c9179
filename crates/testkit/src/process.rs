//! A server process on a leash: it ends when its owner drops it, and also when the test process is killed.
//!
//! A shell stands between us and the server and holds the leash: it waits on a pipe from us. When the pipe closes,
//! for whatever reason, it kills the server and removes its folder. (`prctl(PR_SET_PDEATHSIG)` was refused: it fires
//! when the *thread* that started the server ends, and a test is a thread.)

use std::ffi::OsStr;
use std::io::{BufRead, BufReader, ErrorKind, Write};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};
use rustix::io::Errno;
use rustix::process::{Pid, Signal, kill_process};

/// `$1` log file, `$2` folder to remove when the owner dies, then the command. A line on the pipe means "kill, but
/// keep the folder".
const LEASH: &str = r#"
log=$1; folder=$2; shift 2
"$@" </dev/null >>"$log" 2>&1 &
echo $!
if read -r _; then keep=1; else keep=0; fi
kill -9 $! 2>/dev/null
wait $! 2>/dev/null
[ "$keep" = 1 ] || rm -rf -- "$folder"
"#;

/// A running server that cannot outlive its owner.
#[derive(Debug)]
pub struct Leashed {
    shell: Child,
    pid: Pid,
}

impl Leashed {
    /// Starts `command`, its output appended to `folder/log` and its temporary files in `folder` as well (`SeaweedFS`
    /// leaves sockets and logs there). `folder` is removed if the owner dies without a drop.
    pub fn start<S: AsRef<OsStr>>(folder: &Path, command: &[S]) -> Result<Self> {
        let mut shell = Command::new("sh")
            .args(["-c", LEASH, "leash"])
            .args([folder.join("log").as_path(), folder])
            .args(command)
            .env("TMPDIR", folder)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .context("no shell")?;
        let mut line = String::new();
        let output = shell.stdout.take().context("the shell has no output")?;
        BufReader::new(output).read_line(&mut line)?;
        let pid = line.trim().parse().ok().and_then(Pid::from_raw).context("the shell named no process")?;
        Ok(Self { shell, pid })
    }

    /// The server's process id.
    pub fn pid(&self) -> Pid {
        self.pid
    }

    /// Sends a signal to the server.
    pub fn signal(&self, signal: Signal) -> Result<()> {
        kill_process(self.pid, signal).with_context(|| format!("signal to {:?}", self.pid))
    }

    /// False once the server has ended by itself.
    pub fn is_running(&self) -> bool {
        let stat = std::fs::read_to_string(format!("/proc/{}/stat", self.pid.as_raw_nonzero()));
        match stat {
            Ok(stat) => !stat.contains(") Z "),
            // Out of descriptors ourselves, for one, says nothing of it.
            Err(error) => {
                error.kind() != ErrorKind::NotFound
                    && error.raw_os_error() != Some(Errno::SRCH.raw_os_error())
            }
        }
    }

    /// An error with the end of the server's output, if it has ended by itself.
    pub fn ensure_running(&self, folder: &Path) -> Result<()> {
        if self.is_running() {
            return Ok(());
        }
        let log = std::fs::read_to_string(folder.join("log")).unwrap_or_default();
        let tail: Vec<&str> = log.lines().rev().take(5).collect();
        bail!("the server ended: {}", tail.join(" / "))
    }

    /// Asks it to stop as an operator would (`SIGTERM`, once and then once more) and waits for its end, ten seconds each
    /// time. What it has outside this machine's process table goes only this way.
    pub fn stop(&self) {
        for _ in 0..2 {
            if self.is_running() && self.signal(Signal::TERM).is_ok() {
                let deadline = Instant::now() + Duration::from_secs(10);
                while self.is_running() && Instant::now() < deadline {
                    std::thread::sleep(Duration::from_millis(20));
                }
            }
        }
    }

    /// Kills the server at once (`SIGKILL`) and waits for its end. Its folder stays.
    pub fn kill(&mut self) {
        if let Some(mut pipe) = self.shell.stdin.take() {
            // A failed write means that the shell is gone, and with it the server.
            let _gone = pipe.write_all(b"keep\n");
        }
        let _ended = self.shell.wait();
    }
}

impl Drop for Leashed {
    fn drop(&mut self) {
        self.kill();
    }
}
