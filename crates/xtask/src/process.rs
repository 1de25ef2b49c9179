//! Programs that a task starts, each the head of a process group, so that ending one ends what it started as well.

use std::process::{ExitStatus, Stdio};
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result, ensure};
use rustix::process::{Pid, Signal, kill_process_group, test_kill_process_group};
use tokio::io::{AsyncBufReadExt as _, BufReader};
use tokio::process::{Child, Command};

/// How long a group may take to end after SIGTERM before it is killed.
const GRACE: Duration = Duration::from_secs(20);

/// A command that does not read from the terminal.
pub(crate) fn command(program: &str, arguments: &[&str]) -> Command {
    let mut command = Command::new(program);
    command.args(arguments).stdin(Stdio::null()).process_group(0);
    command
}

/// A started program; dropping it ends its whole group and waits for that.
#[derive(Debug)]
pub(crate) struct Group {
    child: Child,
    pid: Option<Pid>,
    ended: bool,
}

impl Group {
    pub(crate) fn start(command: &mut Command) -> Result<Self> {
        let name = command.as_std().get_program().display().to_string();
        let child = command.spawn().with_context(|| format!("cannot start {name}"))?;
        let pid = child.id().and_then(|id| i32::try_from(id).ok()).and_then(Pid::from_raw);
        Ok(Self { child, pid, ended: false })
    }

    /// The process at its head, while it runs.
    pub(crate) fn id(&self) -> Option<u32> {
        self.child.id()
    }

    pub(crate) async fn wait(&mut self) -> Result<ExitStatus> {
        let status = self.child.wait().await?;
        self.ended = true;
        Ok(status)
    }

    /// Whether it has ended, without waiting.
    pub(crate) fn has_ended(&mut self) -> Result<bool> {
        self.ended = self.ended || self.child.try_wait()?.is_some();
        Ok(self.ended)
    }

    pub(crate) fn signal(&self, signal: Signal) {
        if let Some(pid) = self.pid.filter(|_| !self.ended) {
            // It may have ended meanwhile.
            let _gone = kill_process_group(pid, signal);
        }
    }
}

impl Drop for Group {
    fn drop(&mut self) {
        let Some(pid) = self.pid.filter(|_| !self.ended) else { return };
        self.signal(Signal::TERM);
        let started = Instant::now();
        while test_kill_process_group(pid).is_ok() && started.elapsed() < GRACE {
            // The head has to be reaped, or its group never ends.
            let _running = self.child.try_wait();
            std::thread::sleep(Duration::from_millis(20));
        }
        self.signal(Signal::KILL);
    }
}

/// Runs a command to its end; anything but success is an error that names it.
pub(crate) async fn run(command: &mut Command) -> Result<()> {
    let shown = shown(command);
    let status = Group::start(command)?.wait().await?;
    ensure!(status.success(), "{shown} ended with {status}");
    Ok(())
}

/// Runs a command and answers what it printed.
pub(crate) async fn output(command: &mut Command) -> Result<String> {
    let shown = shown(command);
    let output =
        command.kill_on_drop(true).output().await.with_context(|| format!("cannot start {shown}"))?;
    let complaint = String::from_utf8_lossy(&output.stderr);
    ensure!(output.status.success(), "{shown} ended with {}: {}", output.status, complaint.trim());
    Ok(String::from_utf8_lossy(&output.stdout).into_owned())
}

/// Runs a command, shows each line of its output to `line`, and answers how it ended.
pub(crate) async fn run_lines(command: &mut Command, mut line: impl FnMut(&str)) -> Result<ExitStatus> {
    let mut group = Group::start(command.stdout(Stdio::piped()))?;
    let output = group.child.stdout.take().context("the output is gone")?;
    let mut reader = BufReader::new(output);
    let mut bytes = Vec::new();
    while reader.read_until(b'\n', &mut bytes).await? > 0 {
        line(String::from_utf8_lossy(&bytes).trim_end_matches('\n'));
        bytes.clear();
    }
    group.wait().await
}

fn shown(command: &Command) -> String {
    let command = command.as_std();
    let words = std::iter::once(command.get_program()).chain(command.get_args());
    words.map(|word| word.to_string_lossy().into_owned()).collect::<Vec<_>>().join(" ")
}
