//! Commands in a container: attached, and small ones whose output is read whole under a cap.

use crate::client::Client;
use crate::error::EngineError;
use crate::sandbox::BUILD_UID;
use bollard::container::LogOutput;
use bollard::exec::{StartExecOptions, StartExecResults};
use bollard::models::ExecConfig;
use futures_util::{Stream, StreamExt};
use std::pin::Pin;
use std::time::Duration;

/// Output of an attached exec, in frames of at most 16 KiB that know nothing of lines.
pub(crate) type Frames = Pin<Box<dyn Stream<Item = Result<LogOutput, bollard::errors::Error>> + Send>>;

/// A started exec.
pub(crate) struct Attached {
    pub(crate) id: String,
    pub(crate) output: Frames,
}

/// What to run.
pub(crate) struct ExecSpec {
    pub(crate) command: Vec<String>,
    pub(crate) directory: String,
    pub(crate) environment: Vec<String>,
}

/// Starts an exec as the build user, with its output attached.
pub(crate) async fn start(client: &Client, container: &str, spec: ExecSpec) -> Result<Attached, EngineError> {
    let doing = "start a command";
    let config = ExecConfig {
        attach_stdout: Some(true),
        attach_stderr: Some(true),
        tty: Some(false),
        privileged: Some(false),
        cmd: Some(spec.command),
        env: Some(spec.environment),
        user: Some(format!("{BUILD_UID}:{BUILD_UID}")),
        working_dir: Some(spec.directory),
        ..ExecConfig::default()
    };
    let created =
        client.quick.create_exec(container, config).await.map_err(|error| EngineError::of(doing, error))?;
    let options = StartExecOptions { detach: false, tty: false, output_capacity: Some(64 * 1024) };
    let started = client.lasting.start_exec(&created.id, Some(options)).await;
    match started.map_err(|error| EngineError::of(doing, error))? {
        StartExecResults::Attached { output, .. } => Ok(Attached { id: created.id, output }),
        StartExecResults::Detached => {
            Ok(Attached { id: created.id, output: Box::pin(futures_util::stream::empty()) })
        }
    }
}

/// The exit code of an exec; `None` while it runs.
pub(crate) async fn exit_code(client: &Client, exec: &str) -> Result<Option<i64>, EngineError> {
    let inspected = client.quick.inspect_exec(exec).await;
    let inspected = inspected.map_err(|error| EngineError::of("read an exit code", error))?;
    Ok(inspected.exit_code.filter(|_| inspected.running != Some(true)))
}

/// Runs a command of ours and reads at most `cap` bytes of its standard output; `None` when it took longer than
/// `within`. The build may kill or starve it: its output is a hint, never a proof.
pub(crate) async fn capture(
    client: &Client,
    container: &str,
    command: &[&str],
    (cap, within): (usize, Duration),
) -> Result<Option<String>, EngineError> {
    let spec = ExecSpec {
        command: command.iter().map(|&word| word.to_owned()).collect(),
        directory: "/".to_owned(),
        environment: vec!["PATH=/usr/bin:/bin".to_owned(), "LC_ALL=C".to_owned()],
    };
    let read = async {
        let attached = start(client, container, spec).await?;
        Ok(String::from_utf8_lossy(&read_capped(attached.output, cap).await).into_owned())
    };
    tokio::time::timeout(within, read).await.ok().transpose()
}

async fn read_capped(mut output: Frames, cap: usize) -> Vec<u8> {
    let mut bytes = Vec::new();
    while let Some(Ok(frame)) = output.next().await {
        if let LogOutput::StdOut { message } = frame {
            let room = cap.saturating_sub(bytes.len());
            bytes.extend(message.iter().take(room));
        }
    }
    bytes
}
