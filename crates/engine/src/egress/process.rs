//! One run of the proxy's container: created, attached, started; orders in, answers out.

use super::task::Tell;
use crate::client::Client;
use crate::error::{EngineError, is_conflict};
use crate::exec::Frames;
use crate::lines::LineSplitter;
use crate::spec::ContainerSpec;
use bollard::container::LogOutput;
use bollard::query_parameters::{AttachContainerOptions, CreateContainerOptions, RemoveContainerOptions};
use futures_util::StreamExt;
use shipstack_egress::wire::{Answer, Order};
use std::collections::VecDeque;
use std::pin::Pin;
use std::time::Duration;
use tokio::io::{AsyncWrite, AsyncWriteExt};
use tokio::time::{sleep, timeout};

/// From start to its first word, on a loaded machine.
const START: Duration = Duration::from_secs(20);
/// An order is a look-up in memory.
const ANSWER: Duration = Duration::from_secs(5);
/// Removing a dead container takes the engine a fraction of a second, under load some.
const REMOVAL_PAUSES: [u64; 7] = [50, 100, 200, 400, 800, 1600, 3200];

/// A proxy that runs.
pub(super) struct Process {
    pub(super) container: String,
    input: Pin<Box<dyn AsyncWrite + Send>>,
    output: Frames,
    splitter: LineSplitter,
    answers: VecDeque<Result<Answer, EngineError>>,
    tell: Tell,
}

impl Process {
    /// Starts the container and waits until it listens. What it refuses builds is told to `tell`.
    pub(super) async fn start(
        client: &Client,
        spec: &ContainerSpec,
        tell: Tell,
    ) -> Result<Self, EngineError> {
        let container = create(client, spec).await?;
        let options = AttachContainerOptions {
            stdin: true,
            stdout: true,
            stderr: true,
            stream: true,
            ..Default::default()
        };
        let attached = client.lasting.attach_container(&container, Some(options)).await;
        let attached = attached.map_err(|error| EngineError::of("attach to the proxy", error))?;
        let started = client.quick.start_container(&container, None).await;
        started.map_err(|error| EngineError::of("start the proxy", error))?;
        let mut process = Self {
            container,
            input: attached.input,
            output: attached.output,
            splitter: LineSplitter::default(),
            answers: VecDeque::new(),
            tell,
        };
        match timeout(START, process.answer()).await {
            Ok(Ok(Answer::Listening(_))) => Ok(process),
            Ok(Ok(other)) => Err(lost(format!("it began with {other:?}"))),
            Ok(Err(error)) => Err(error),
            Err(_) => Err(lost("it did not begin to listen".to_owned())),
        }
    }

    /// Gives an order and waits for its answer.
    pub(super) async fn order(&mut self, order: &Order) -> Result<Answer, EngineError> {
        let mut line = serde_json::to_vec(order).map_err(|error| lost(error.to_string()))?;
        line.push(b'\n');
        let exchange = async {
            self.input.write_all(&line).await.map_err(|error| lost(error.to_string()))?;
            self.input.flush().await.map_err(|error| lost(error.to_string()))?;
            self.answer().await
        };
        timeout(ANSWER, exchange).await.unwrap_or_else(|_| Err(lost("it does not answer".to_owned())))
    }

    /// Resolves when the proxy has ended; between orders it only tells of refusals.
    pub(super) async fn ended(&mut self) {
        while self.read().await.is_ok() {}
    }

    async fn answer(&mut self) -> Result<Answer, EngineError> {
        loop {
            if let Some(answer) = self.answers.pop_front() {
                return answer;
            }
            self.read().await?;
        }
    }

    async fn read(&mut self) -> Result<(), EngineError> {
        match self.output.next().await {
            Some(Ok(LogOutput::StdOut { message })) => {
                let (answers, tell) = (&mut self.answers, &self.tell);
                self.splitter.push(&message, |line| heard(&line, answers, tell));
                Ok(())
            }
            Some(Ok(other)) => {
                tracing::warn!(said = %other, "the egress proxy complains");
                Ok(())
            }
            Some(Err(error)) => Err(lost(error.to_string())),
            None => Err(lost("it has ended".to_owned())),
        }
    }
}

/// A refusal goes to the builds, everything else is the answer to an order.
fn heard(line: &str, answers: &mut VecDeque<Result<Answer, EngineError>>, tell: &Tell) {
    match serde_json::from_str(line) {
        Ok(Answer::Refused { address, refused }) => {
            let _ = tell.send((address, super::refused(refused))); // nobody may be listening
        }
        Ok(answer) => answers.push_back(Ok(answer)),
        Err(_) => answers.push_back(Err(lost(format!("it said: {line}")))),
    }
}

/// Creates the container; one of the same name is what is left of the last run, which the engine may be removing.
async fn create(client: &Client, spec: &ContainerSpec) -> Result<String, EngineError> {
    let name = spec.owner.name();
    let options = || CreateContainerOptions { name: Some(name.clone()), ..CreateContainerOptions::default() };
    for pause in REMOVAL_PAUSES {
        match crate::spec::create(client, options(), spec).await {
            Err(error) if is_conflict(&error) => {}
            created => return created.map_err(|error| EngineError::of("create the proxy", error)),
        }
        let force = RemoveContainerOptions { force: true, ..RemoveContainerOptions::default() };
        let _ = client.quick.remove_container(&name, Some(force)).await;
        sleep(Duration::from_millis(pause)).await;
    }
    Err(lost("the last one is still there".to_owned()))
}

fn lost(why: String) -> EngineError {
    EngineError::EgressLost { why }
}
