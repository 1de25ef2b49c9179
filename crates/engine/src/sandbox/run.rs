//! Running a command: attached, watched by every limit at once, ended by killing the container.

use super::disk::{self, DiskBreach};
use super::exit::{ExitClass, OutOfMemorySeen, RunEnd, classify};
use super::output::{Outlet, OutputLine};
use super::pulse::Pulse;
use super::{PROJECT_FOLDER, Sandbox, is_gone};
use crate::environment::{Surroundings, environment};
use crate::error::EngineError;
use crate::events::ContainerEvent;
use crate::exec::{self, ExecSpec};
use crate::spec::WORKSPACE;
use shipstack_types::{NetworkAccess, RelPath};
use std::pin::Pin;
use std::time::Duration;
use tokio::sync::broadcast::{Receiver, error::RecvError};
use tokio::sync::mpsc;
use tokio::time::{Instant, sleep, sleep_until, timeout};
use tokio_util::sync::CancellationToken;

/// A command of the plan.
#[derive(Clone, Debug)]
pub struct Command {
    /// For `sh -c`.
    pub script: String,
    /// Where it runs, from the root of the source.
    pub directory: RelPath,
    /// Variables beside those of the sandbox.
    pub env: Vec<(String, String)>,
    /// When it has to be over; the same for install and build.
    pub deadline: Instant,
    /// How long it may print nothing.
    pub silence: Duration,
}

/// After the end of a process: what it left running may hold its output open for ever.
const LAST_OUTPUT: Duration = Duration::from_secs(2);
/// The event `oom` takes another way than the end of the process and may come later.
const LATE_EVENT: Duration = Duration::from_millis(300);
/// A process that closed its output is asked for its end this often, should its event be lost.
const POLL: Duration = Duration::from_millis(500);

/// What ends a command before its time.
#[derive(Clone, Copy, Debug)]
enum Breach {
    Cancelled,
    TimedOut,
    Silent,
    Disk(DiskBreach),
}

impl Sandbox {
    /// Runs a command to its end and sends its lines. A limit or `cancel` kills everything in the sandbox.
    ///
    /// # Errors
    /// When the engine, the container or the proxy went away: the project is not to blame.
    pub async fn run(
        &self,
        command: &Command,
        lines: mpsc::Sender<OutputLine>,
        cancel: CancellationToken,
    ) -> Result<RunEnd, EngineError> {
        let mut events = self.events.subscribe();
        let attached = exec::start(&self.core.client, &self.container, self.exec_spec(command)).await?;
        let pulse = Pulse::new();
        let outlet = Outlet { lines, clock: &*self.core.config.clock, pulse: &pulse };
        let mut pump = std::pin::pin!(outlet.pump(attached.output));
        let ended = tokio::select! {
            breach = self.breach(command, &pulse, &cancel) => Err(breach),
            ended = self.ended(&attached.id, &mut events, pump.as_mut()) => Ok(ended),
        };
        let exit = match ended {
            Ok(ended) => self.class_of(ended?, &mut events).await?,
            Err(breach) => {
                let exit = self.cut_off(breach).await;
                let _ = timeout(LAST_OUTPUT, pump).await;
                exit?
            }
        };
        Ok(RunEnd { exit, peak_memory_bytes: self.peak.bytes() })
    }

    fn exec_spec(&self, command: &Command) -> ExecSpec {
        let around = Surroundings {
            toolchain: &self.request.toolchain,
            proxy: self.admitted.as_ref().map(|admitted| admitted.address),
            is_cut_off: self.egress_bounds().is_some_and(|bounds| bounds.network == NetworkAccess::None),
            has_ca: self.has_ca,
            registry: self.core.config.registry.as_deref(),
        };
        let plan: Vec<_> = self.request.env.iter().chain(&command.env).cloned().collect();
        ExecSpec {
            command: vec!["/bin/sh".to_owned(), "-c".to_owned(), command.script.clone()],
            directory: format!("{WORKSPACE}/{PROJECT_FOLDER}/{}", command.directory),
            environment: environment(&around, &plan),
        }
    }

    /// Resolves when a limit is passed.
    async fn breach(&self, command: &Command, pulse: &Pulse, cancel: &CancellationToken) -> Breach {
        let limit = self.request.limits.disk_bytes;
        tokio::select! {
            biased;
            () = cancel.cancelled() => Breach::Cancelled,
            () = sleep_until(command.deadline) => Breach::TimedOut,
            () = pulse.silent_for(command.silence) => Breach::Silent,
            breach = disk::watch(&self.core.client, &self.container, limit) => Breach::Disk(breach),
        }
    }

    async fn cut_off(&self, breach: Breach) -> Result<ExitClass, EngineError> {
        self.stop().await?;
        match breach {
            Breach::Cancelled => Ok(ExitClass::Cancelled),
            Breach::TimedOut => Ok(ExitClass::TimedOut),
            Breach::Silent => Ok(ExitClass::Silent),
            Breach::Disk(DiskBreach::Workspace(used_bytes)) => Ok(ExitClass::DiskLimit { used_bytes }),
            Breach::Disk(DiskBreach::Engine) => Err(EngineError::DiskFull { doing: "run a build" }),
        }
    }

    /// Waits for the end of an exec and then for the rest of its output. `None` when the container went away.
    async fn ended<P>(
        &self,
        exec: &str,
        events: &mut Receiver<ContainerEvent>,
        mut pump: Pin<&mut P>,
    ) -> Result<Ended, EngineError>
    where
        P: Future<Output = ()>,
    {
        let mut seen = OutOfMemorySeen::No;
        let mut drained = false;
        let code = loop {
            tokio::select! {
                () = pump.as_mut(), if !drained => {
                    drained = true;
                    if let Some(code) = self.exit_code(exec).await? { break Some(code) }
                }
                event = events.recv() => match event {
                    Ok(ContainerEvent::OutOfMemory) => seen = OutOfMemorySeen::Yes,
                    Ok(ContainerEvent::ExecEnded(id)) if id == exec => break self.final_code(exec).await?,
                    Ok(ContainerEvent::Ended) => break None,
                    Err(RecvError::Closed) => return Err(lost("the engine's events ended")),
                    Ok(ContainerEvent::ExecEnded(_)) | Err(RecvError::Lagged(_)) => {}
                },
                () = sleep(POLL), if drained => {
                    if let Some(code) = self.exit_code(exec).await? { break Some(code) }
                }
            }
        };
        if !drained {
            let _ = timeout(LAST_OUTPUT, pump).await;
        }
        Ok(Ended { code, seen })
    }

    /// The class of an end, after what may have come late and after a look at the container itself: a container that
    /// someone else killed is not the project's failure.
    async fn class_of(
        &self,
        ended: Ended,
        events: &mut Receiver<ContainerEvent>,
    ) -> Result<ExitClass, EngineError> {
        let Ended { code, mut seen } = ended;
        if code == Some(0) {
            return Ok(ExitClass::Ok);
        }
        if seen == OutOfMemorySeen::No && comes_out_of_memory(events).await {
            seen = OutOfMemorySeen::Yes;
        }
        let inspected = self.core.client.quick.inspect_container(&self.container, None).await;
        let state = inspected.map_err(|error| EngineError::of("look at the container", error))?.state;
        let running = state.as_ref().and_then(|state| state.running) == Some(true);
        let killed_for_memory = state.and_then(|state| state.oom_killed) == Some(true);
        match code {
            Some(code) if running => self.blame(classify(code, seen)),
            _ if killed_for_memory || seen == OutOfMemorySeen::Yes => Ok(ExitClass::OutOfMemory),
            _ => Err(lost("the container was ended from outside")),
        }
    }

    /// A failure without its proxy says nothing about the project.
    fn blame(&self, exit: ExitClass) -> Result<ExitClass, EngineError> {
        match &self.admitted {
            Some(admitted) if !self.core.egress.is_same(admitted) => {
                Err(EngineError::EgressLost { why: "it ended during the build".to_owned() })
            }
            _ => Ok(exit),
        }
    }

    async fn exit_code(&self, exec: &str) -> Result<Option<i64>, EngineError> {
        exec::exit_code(&self.core.client, exec).await
    }

    /// The code of an exec that has ended; its inspection may lag behind its event for a moment.
    async fn final_code(&self, exec: &str) -> Result<Option<i64>, EngineError> {
        for _ in 0..20 {
            match self.exit_code(exec).await {
                Ok(None) => sleep(Duration::from_millis(10)).await,
                Err(EngineError::Refused { source, .. }) if is_gone(&source) => return Ok(None),
                other => return other,
            }
        }
        Ok(None)
    }
}

/// How an exec ended; no code when its container went first.
struct Ended {
    code: Option<i64>,
    seen: OutOfMemorySeen,
}

async fn comes_out_of_memory(events: &mut Receiver<ContainerEvent>) -> bool {
    let wait = async {
        loop {
            match events.recv().await {
                Ok(ContainerEvent::OutOfMemory) => return true,
                Err(RecvError::Closed) => return false,
                _ => {}
            }
        }
    };
    timeout(LATE_EVENT, wait).await.unwrap_or(false)
}

fn lost(why: &str) -> EngineError {
    EngineError::ContainerLost { why: why.to_owned() }
}
