//! Process groups that end when they must: at the deadline, or when nobody waits for them any more.
//!
//! git starts helpers, and killing git alone leaves them running; so each command leads a group of its own and the group
//! is killed. A group is forgotten before its leader is reaped, under the same lock, so that a number which the system
//! gave to somebody else is never signalled.

use rustix::process::{Pid, Signal, kill_process_group};
use std::io;
use std::process::{Child, Command, ExitStatus};
use std::sync::{Arc, Mutex, PoisonError};

/// The switch that ends everything started under it. Clones are the same switch.
#[derive(Clone, Debug, Default)]
pub(crate) struct KillSwitch {
    groups: Arc<Mutex<Groups>>,
}

#[derive(Debug, Default)]
struct Groups {
    running: Vec<Pid>,
    is_off: bool,
}

/// Turns the switch when dropped.
pub(crate) struct KillOnDrop(pub(crate) KillSwitch);

impl Drop for KillOnDrop {
    fn drop(&mut self) {
        self.0.kill();
    }
}

impl KillSwitch {
    /// Kills every group and refuses to start another.
    pub(crate) fn kill(&self) {
        let mut groups = self.groups.lock().unwrap_or_else(PoisonError::into_inner);
        groups.is_off = true;
        for group in groups.running.drain(..) {
            // One that is gone already is what was wanted.
            let _ = kill_process_group(group, Signal::KILL);
        }
    }

    /// Starts a command as the leader of a new group.
    pub(crate) fn start(&self, command: &mut Command) -> io::Result<Running> {
        use std::os::unix::process::CommandExt;
        let mut groups = self.groups.lock().unwrap_or_else(PoisonError::into_inner);
        if groups.is_off {
            return Err(io::ErrorKind::TimedOut.into());
        }
        let child = command.process_group(0).spawn()?;
        let group = i32::try_from(child.id()).ok().and_then(Pid::from_raw);
        groups.running.extend(group);
        Ok(Running { child, group, switch: self.clone() })
    }

    fn forget(&self, group: Option<Pid>) {
        let mut groups = self.groups.lock().unwrap_or_else(PoisonError::into_inner);
        groups.running.retain(|running| Some(*running) != group);
    }
}

/// A command under way. Dropping it kills its group.
pub(crate) struct Running {
    pub(crate) child: Child,
    group: Option<Pid>,
    switch: KillSwitch,
}

impl Running {
    /// Waits for the end. Blocks; the switch cuts it short.
    pub(crate) fn wait(mut self) -> io::Result<ExitStatus> {
        self.await_exit()?;
        self.switch.forget(self.group.take());
        self.child.wait()
    }

    /// Waits without reaping, so that the number stays taken while the switch may still signal it.
    fn await_exit(&self) -> io::Result<()> {
        use rustix::process::{WaitId, WaitIdOptions, waitid};
        let Some(leader) = self.group else { return Ok(()) };
        loop {
            match waitid(WaitId::Pid(leader), WaitIdOptions::EXITED | WaitIdOptions::NOWAIT) {
                Err(rustix::io::Errno::INTR) => {}
                waited => return waited.map(drop).map_err(io::Error::from),
            }
        }
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        if let Some(group) = self.group.take() {
            let _ = kill_process_group(group, Signal::KILL);
            self.switch.forget(Some(group));
            let _ = self.child.wait();
        }
    }
}

/// The end of a pipe that the command was started with.
pub(crate) fn piped<T>(end: Option<T>) -> io::Result<T> {
    end.ok_or_else(|| io::ErrorKind::BrokenPipe.into())
}
