//! Wake-ups: hints that something changed. A lost one costs a poll interval and nothing else.

use shipstack_types::{DeploymentId, QueueName};
use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;
use tokio::sync::watch;

/// Topics that nobody waits for are forgotten when the table grows past this.
const MAX_IDLE_TOPICS: usize = 1024;

/// What a wake-up is about.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Topic {
    /// Something may be in the queue.
    Queue(QueueName),
    /// The job, its cancel mark or its log changed.
    Job(DeploymentId),
    /// Some job changed its state or its phase.
    Events,
}

/// Who waits for what, in this process.
#[derive(Clone, Debug, Default)]
pub(crate) struct Wakeups {
    topics: Arc<Mutex<HashMap<Topic, watch::Sender<()>>>>,
}

/// A registration; it remembers what happens from the moment it was made, so look at the condition after that.
#[derive(Debug)]
pub(crate) struct Waiter(watch::Receiver<()>);

impl Wakeups {
    pub(crate) fn register(&self, topic: Topic) -> Waiter {
        let mut topics = self.topics.lock().unwrap_or_else(PoisonError::into_inner);
        if topics.len() > MAX_IDLE_TOPICS {
            topics.retain(|_, sender| sender.receiver_count() > 0);
        }
        Waiter(topics.entry(topic).or_insert_with(|| watch::channel(()).0).subscribe())
    }

    pub(crate) fn wake(&self, topic: &Topic) {
        let mut topics = self.topics.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(sender) = topics.get(topic)
            && sender.send(()).is_err()
        {
            topics.remove(topic);
        }
    }

    /// After a gap in hearing anything could have happened.
    pub(crate) fn wake_all(&self) {
        let mut topics = self.topics.lock().unwrap_or_else(PoisonError::into_inner);
        topics.retain(|_, sender| sender.send(()).is_ok());
    }
}

impl Waiter {
    /// Returns at the next wake-up since the registration or the last call, or after this time.
    pub(crate) async fn wait(&mut self, at_most: Duration) {
        let _: Result<Result<(), _>, _> = tokio::time::timeout(at_most, self.0.changed()).await;
    }
}
