//! Ctrl-C and SIGTERM.

use std::future::Future;
use std::process::ExitCode;

use anyhow::Result;
use tokio::signal::unix::{Signal, SignalKind, signal};

use crate::console;

/// As shells count an interrupted program.
const INTERRUPTED: u8 = 130;

/// The two signals that ask a program to end.
pub(crate) struct Interrupts {
    interrupt: Signal,
    terminate: Signal,
}

impl Interrupts {
    pub(crate) fn listen() -> Result<Self> {
        Ok(Self { interrupt: signal(SignalKind::interrupt())?, terminate: signal(SignalKind::terminate())? })
    }

    /// Returns at the next signal.
    pub(crate) async fn next(&mut self) {
        tokio::select! {
            _ = self.interrupt.recv() => {}
            _ = self.terminate.recv() => {}
        }
    }
}

/// Runs a task; a signal drops it, and with it everything it started, since every guard of ours cleans up on drop.
pub(crate) async fn or_stop(task: impl Future<Output = Result<ExitCode>>) -> Result<ExitCode> {
    let mut interrupts = Interrupts::listen()?;
    tokio::select! {
        outcome = task => outcome,
        () = interrupts.next() => {
            console::complain("interrupted: stopping what was started");
            Ok(ExitCode::from(INTERRUPTED))
        }
    }
}

/// The exit code of a task that was asked to end.
pub(crate) fn exit_code() -> ExitCode {
    ExitCode::from(INTERRUPTED)
}
