//! What the engine says about one container while it lives: the truth about ends, and about memory.
//!
//! `OOMKilled` of an inspect turns true only when the container ends, so an exec that was killed for memory shows as
//! the event `oom` alone. The subscription is opened with the sandbox and renewed when it breaks.

use crate::client::Client;
use bollard::models::EventMessage;
use bollard::query_parameters::EventsOptions;
use futures_util::StreamExt;
use std::collections::HashMap;
use std::time::Duration;
use tokio::sync::broadcast;
use tokio_util::task::AbortOnDropHandle;

/// An end has a handful of events; a reader that is this far behind has ended too.
const BACKLOG: usize = 64;
/// Between a broken subscription and the next.
const PAUSE: Duration = Duration::from_millis(200);

/// Something that happened to a container.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum ContainerEvent {
    /// A process was killed for memory.
    OutOfMemory,
    /// An exec ended.
    ExecEnded(String),
    /// The container ended.
    Ended,
}

/// A running subscription; it ends when dropped.
#[derive(Debug)]
pub(crate) struct Events {
    sender: broadcast::Sender<ContainerEvent>,
    _task: AbortOnDropHandle<()>,
}

impl Events {
    /// Subscribes to a container.
    pub(crate) fn watch(client: &Client, container: &str) -> Self {
        let (sender, _) = broadcast::channel(BACKLOG);
        let task = tokio::spawn(follow(client.clone(), container.to_owned(), sender.clone()));
        Self { sender, _task: AbortOnDropHandle::new(task) }
    }

    /// The events from now on.
    pub(crate) fn subscribe(&self) -> broadcast::Receiver<ContainerEvent> {
        self.sender.subscribe()
    }
}

async fn follow(client: Client, container: String, sender: broadcast::Sender<ContainerEvent>) {
    let filters = HashMap::from([
        ("container".to_owned(), vec![container]),
        ("event".to_owned(), ["oom", "exec_die", "die"].map(str::to_owned).to_vec()),
    ]);
    loop {
        let options = EventsOptions { filters: Some(filters.clone()), ..EventsOptions::default() };
        let mut events = Box::pin(client.lasting.events(Some(options)));
        while let Some(Ok(message)) = events.next().await {
            if let Some(event) = read(&message) {
                // Nobody listening between two commands is in order.
                let _ = sender.send(event);
            }
        }
        tokio::time::sleep(PAUSE).await;
    }
}

fn read(message: &EventMessage) -> Option<ContainerEvent> {
    match message.action.as_deref()? {
        "oom" => Some(ContainerEvent::OutOfMemory),
        "die" => Some(ContainerEvent::Ended),
        "exec_die" => {
            let attributes = message.actor.as_ref()?.attributes.as_ref()?;
            Some(ContainerEvent::ExecEnded(attributes.get("execID")?.clone()))
        }
        _ => None,
    }
}
