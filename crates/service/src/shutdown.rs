//! When to stop, and how urgently.

use std::io;

use tokio::signal::unix::{Signal, SignalKind, signal};
use tokio_util::sync::CancellationToken;
use tracing::info;

/// The two steps of stopping, shared by all parts of a process.
///
/// *Soft*: take nothing new, finish what runs. *Hard*: hand back at once. Hard implies soft.
#[derive(Debug, Clone, Default)]
pub struct Shutdown {
    soft: CancellationToken,
    hard: CancellationToken,
}

impl Shutdown {
    /// One that nobody has asked for yet.
    pub fn new() -> Self {
        Self::default()
    }

    /// The stop of what others still need while they finish: soft only when it is said (see [`Self::ask`] on it), hard
    /// together with this one.
    #[must_use]
    pub fn followed(&self) -> Self {
        Self { soft: self.hard.child_token(), hard: self.hard.clone() }
    }

    /// Cancelled when nothing new may be taken any more.
    pub fn soft(&self) -> CancellationToken {
        self.soft.clone()
    }

    /// Cancelled when work in hand has to be given back at once.
    pub fn hard(&self) -> CancellationToken {
        self.hard.clone()
    }

    /// Asks for a soft stop; asked again, for a hard one.
    pub fn ask(&self) {
        if self.soft.is_cancelled() {
            self.hard.cancel();
        }
        self.soft.cancel();
    }

    /// Asks for a hard stop.
    pub fn now(&self) {
        self.soft.cancel();
        self.hard.cancel();
    }

    /// From now on SIGTERM and SIGINT mean [`Self::ask`]: the first is soft, the second hard. Must be called within a
    /// runtime, which then owns the watching task.
    pub fn on_signals(&self) -> io::Result<()> {
        let terminate = signal(SignalKind::terminate())?;
        let interrupt = signal(SignalKind::interrupt())?;
        tokio::spawn(self.clone().watch(terminate, interrupt));
        Ok(())
    }

    async fn watch(self, mut terminate: Signal, mut interrupt: Signal) {
        while !self.hard.is_cancelled() {
            let name = tokio::select! {
                () = self.hard.cancelled() => return,
                _ = terminate.recv() => "SIGTERM",
                _ = interrupt.recv() => "SIGINT",
            };
            self.ask();
            if self.hard.is_cancelled() {
                info!(signal = name, "stopping at once: what is in hand goes back into the queue");
            } else {
                info!(signal = name, "stopping after what is in hand; a second signal stops at once");
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use rustix::process::{Signal as Raw, getpid, kill_process};

    use super::*;

    #[test]
    fn asking_twice_is_asking_hard() {
        let shutdown = Shutdown::new();
        shutdown.ask();
        assert!(shutdown.soft().is_cancelled() && !shutdown.hard().is_cancelled());
        shutdown.ask();
        assert!(shutdown.hard().is_cancelled());
    }

    #[test]
    fn a_hard_stop_is_a_soft_one_too() {
        let shutdown = Shutdown::new();
        shutdown.now();
        assert!(shutdown.soft().is_cancelled() && shutdown.hard().is_cancelled());
    }

    #[test]
    fn what_follows_stops_softly_when_told_and_hard_with_the_rest() {
        let shutdown = Shutdown::new();
        let follower = shutdown.followed();
        shutdown.ask();
        assert!(!follower.soft().is_cancelled());
        shutdown.ask();
        assert!(follower.soft().is_cancelled() && follower.hard().is_cancelled());
        let told = Shutdown::new().followed();
        told.ask();
        assert!(told.soft().is_cancelled() && !told.hard().is_cancelled());
    }

    #[tokio::test]
    async fn the_first_sigterm_is_soft_and_the_second_hard() {
        let shutdown = Shutdown::new();
        shutdown.on_signals().unwrap();
        kill_process(getpid(), Raw::TERM).unwrap();
        shutdown.soft().cancelled().await;
        assert!(!shutdown.hard().is_cancelled());
        kill_process(getpid(), Raw::TERM).unwrap();
        shutdown.hard().cancelled().await;
    }
}
